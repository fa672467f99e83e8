using System.Net;
using Postrider.Load.Accounting;
using Postrider.Load.Sockets;

namespace Postrider.Load.Receiving;

/// <summary>Takes all mail at once, on a thread of its own, and keeps nothing but the account of it.</summary>
internal sealed class SmtpSink : IDisposable
{
    private const int Listener = -1;

    private readonly Poller poller = new();
    private readonly NativeSocket listener;
    private readonly List<SinkConnection?> connections = [];
    private readonly Stack<int> free = new();
    private readonly RecipientPlan plan;
    private readonly ArrivalLedger arrivals;
    private readonly Thread thread;
    private volatile bool isStopped;

    /// <summary>Begins to listen on loopback.</summary>
    /// <param name="port">The port, or 0 for a free one.</param>
    /// <param name="plan">The recipients that are told apart.</param>
    /// <param name="arrivals">The account.</param>
    public SmtpSink(int port, RecipientPlan plan, ArrivalLedger arrivals)
    {
        this.plan = plan;
        this.arrivals = arrivals;
        listener = NativeSocket.Listen(new IPEndPoint(IPAddress.Loopback, port));
        Port = listener.LocalPort;
        poller.Add(listener, Listener, LibC.EpollIn);
        thread = new Thread(Run) { IsBackground = true, Name = "sink" };
        thread.Start();
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    public void Dispose()
    {
        if (isStopped)
            return;
        isStopped = true;
        thread.Join();
        foreach (var connection in connections)
            connection?.Socket.Close();
        listener.Close();
        poller.Dispose();
    }

    private void Run()
    {
        while (!isStopped)
        {
            var ready = poller.Wait(20);
            for (var i = 0; i < ready; i++)
            {
                var (token, _) = poller[i];
                if (token == Listener)
                    Accept();
                else if (connections[token] is { } connection && !connection.Serve())
                    Close(token, connection);
            }
        }
    }

    private void Accept()
    {
        while (listener.TryAccept(out var socket))
        {
            var connection = new SinkConnection(socket, plan, arrivals);
            if (!free.TryPop(out var token))
            {
                token = connections.Count;
                connections.Add(null);
            }
            connections[token] = connection;
            poller.Add(socket, token, LibC.EpollIn);
            if (!connection.Greet())
                Close(token, connection);
        }
    }

    private void Close(int token, SinkConnection connection)
    {
        connection.Socket.Close();
        connections[token] = null;
        free.Push(token);
    }
}
