using System.Net;
using Postrider.Smtp.Server;
using Postrider.Transport;
using Postrider.Transport.Listening;
using Postrider.Transport.Sockets;

namespace Postrider.Testing.Servers;

/// <summary>
/// An SMTP server within the test that keeps what it is sent. By default it listens at a free port of
/// 127.0.0.1; with an <see cref="Networks.InMemoryNetwork"/> and the clock of a simulation it takes part in one.
/// </summary>
public sealed class SmtpTestServer : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly List<ReceivedMail> received = [];
    private readonly List<(int Count, TaskCompletionSource Arrived)> waiting = [];
    private readonly SmtpServer server;

    private SmtpTestServer(INetwork network, TimeProvider time, ServerSettings settings) =>
        server = new SmtpServer(network, time, () => settings, _ => new CapturingHandler(this));

    /// <summary>Where it listens.</summary>
    public IPEndPoint EndPoint => server.EndPoints[0];

    /// <summary>Answers the questions of its sessions; null, as at first, accepts everything.</summary>
    public Func<Question, SessionFacts, ValueTask<Answer>>? Policy { get; set; }

    /// <summary>The messages accepted so far, oldest first.</summary>
    public IReadOnlyList<ReceivedMail> Received
    {
        get
        {
            lock (gate)
                return [.. received];
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="network">Where it listens; the system's sockets when null.</param>
    /// <param name="time">The clock of its time limits; the system's when null.</param>
    /// <param name="endPoint">The address; a free port of 127.0.0.1 when null.</param>
    /// <param name="settings">What its sessions work by; the defaults, as <c>test.example</c>, when null.</param>
    /// <exception cref="IOException">The address cannot be had.</exception>
    public static SmtpTestServer Start(INetwork? network = null, TimeProvider? time = null, IPEndPoint? endPoint = null, ServerSettings? settings = null)
    {
        var test = new SmtpTestServer(
            network ?? new SocketNetwork(),
            time ?? TimeProvider.System,
            settings ?? new ServerSettings { Hostname = "test.example" });
        test.server.Listen(endPoint ?? new IPEndPoint(IPAddress.Loopback, 0));
        return test;
    }

    /// <summary>Waits until so many messages have been accepted in all.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The messages accepted so far, <paramref name="count"/> or more.</returns>
    public async Task<IReadOnlyList<ReceivedMail>> WaitForAsync(int count, CancellationToken cancellationToken = default)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (received.Count >= count)
                return [.. received];
            waiting.Add((count, arrived));
        }
        await using (cancellationToken.UnsafeRegister((_, token) => arrived.TrySetCanceled(token), null))
            await arrived.Task;
        return Received;
    }

    /// <summary>Stops at once.</summary>
    public ValueTask DisposeAsync() => server.DisposeAsync();

    internal void Take(ReceivedMail mail)
    {
        lock (gate)
        {
            received.Add(mail);
            // Who waits goes on through its own scheduler, not within this lock.
            foreach (var (_, arrived) in waiting.Where(waiter => received.Count >= waiter.Count))
                arrived.TrySetResult();
            waiting.RemoveAll(waiter => waiter.Arrived.Task.IsCompleted);
        }
    }
}
