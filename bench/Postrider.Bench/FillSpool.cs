using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Postrider.Delivery.Routing;
using Postrider.Hosting;
using Postrider.Mime.Headers;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;

namespace Postrider.Bench;

/// <summary>Fills the spool of a data folder with messages that are due in a day, as if they had been received.</summary>
internal static class FillSpool
{
    private const int BodySize = 1024;

    // As many as commit together when so many sessions send at once.
    private const int AtOnce = 200;

    public static async Task RunAsync(string data, int messages)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMailQueue(options =>
        {
            options.DataFolder = data;
            options.Smarthost.To.Add("127.0.0.1:9");
        });
        await using var provider = services.BuildServiceProvider();
        var spool = provider.GetRequiredService<ISpool>();
        await spool.OpenAsync(new Listener());

        var started = Stopwatch.GetTimestamp();
        var left = messages;
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await AddAsync(spool);
        }));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{messages} messages of {BodySize} octets in {seconds:0.0} s"));
    }

    private static readonly byte[] content = Encoding.ASCII.GetBytes("Subject: one of many\r\n\r\n" + new string('x', BodySize - 26) + "\r\n");
    private static readonly string nextHop = new RelayTarget(new RelayHost("127.0.0.1", 9)).Key;
    private static readonly Envelope envelope = new()
    {
        ReversePath = new ReversePath(new Mailbox("a", "example.org")),
        Recipients = [new EnvelopeRecipient(new Mailbox("b", "example.net"))],
    };

    private static async Task AddAsync(ISpool spool)
    {
        var now = TimeProvider.System.GetUtcNow();
        await using var body = spool.CreateBody();
        await body.WriteAsync(content);
        var id = spool.NewId();
        var fault = await spool.CommitAsync(new SpoolCommit
        {
            Purpose = CommitPurpose.Acceptance,
            Bodies = [body],
            Envelopes =
            [
                new NewEnvelope
                {
                    Id = id,
                    Message = id,
                    Body = body.Id,
                    Envelope = envelope,
                    Edits = HeaderEdits.None,
                    NextHop = nextHop,
                    Arrived = now,
                    State = new EntryState { Version = 1, Attempts = 0, Due = now.AddDays(1), Open = [new OpenRecipient(0, null)] },
                },
            ],
        });
        if (fault != SpoolFault.None)
            throw new IOException($"The spool refuses messages: {fault}");
    }

    private sealed class Listener : ISpoolListener
    {
        public void Added(in SpoolEntry entry)
        {
        }

        public void Revoked(SpoolId envelope)
        {
        }
    }
}
