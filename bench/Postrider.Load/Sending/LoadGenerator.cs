using System.Diagnostics;
using System.Globalization;
using System.Text;
using Postrider.Load.Accounting;
using Postrider.Load.Content;
using Postrider.Load.Measuring;
using Postrider.Load.Sockets;

namespace Postrider.Load.Sending;

/// <summary>
/// Sends messages over many connections from one thread, and knows of each what became of it. It is
/// run in pieces: what is under way when one ends goes on in the next. A connection that breaks is
/// made again; the message that was on it is not sent again.
/// </summary>
internal sealed class LoadGenerator : IDisposable
{
    private const int ReadSize = 16 * 1024;
    private static readonly Func<bool> always = static () => true;
    private static readonly long RetryTicks = Stopwatch.Frequency / 50;

    private readonly LoadOptions options;
    private readonly Poller poller = new();
    private readonly SendingConnection[] connections;
    private readonly EnvelopeCommands commands;
    private readonly MessageTemplates[] templates;
    private readonly byte[] headerStart;
    private readonly byte[] buffer = GC.AllocateUninitializedArray<byte>(ReadSize, pinned: true);
    private Func<bool> mayBegin = always;
    private long quota;
    private int parked;

    public LoadGenerator(LoadOptions options, SentLedger ledger)
    {
        this.options = options;
        Ledger = ledger;
        commands = new EnvelopeCommands(options);
        headerStart = Encoding.UTF8.GetBytes($"From: <{options.Sender}>\r\nTo: <{options.Recipients.Addresses[0]}>\r\nSubject: Load\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <");
        connections = [.. Enumerable.Range(0, options.Sessions).Select(static i => new SendingConnection(i))];
        var headerLength = WriteHeader(connections[0].Header, new MessageStamp(ledger.Run, 0, 0, 0));
        templates = [.. options.Sizes.Select(size => new MessageTemplates(size, headerLength))];
    }

    public SentLedger Ledger { get; }

    /// <summary>From MAIL to the 250 for the message.</summary>
    public LatencyHistogram Latencies { get; } = new();

    /// <summary>What was refused or broke, by reply and stage.</summary>
    public SortedDictionary<string, int> Errors { get; } = new(StringComparer.Ordinal);

    /// <summary>Messages whose transactions have ended, either way.</summary>
    public long Ended { get; private set; }

    /// <summary>Messages under way.</summary>
    public int UnderWay { get; private set; }

    /// <summary>Sends as many messages as it can until a time has passed.</summary>
    public void RunFor(TimeSpan time) => Run(long.MaxValue, Stopwatch.GetTimestamp() + Ticks(time), static () => false);

    /// <summary>Sends until told to stop.</summary>
    /// <param name="stop">Whether to stop; asked often.</param>
    /// <param name="mayBegin">Whether another message may be begun now.</param>
    public void RunUntil(Func<bool> stop, Func<bool> mayBegin)
    {
        this.mayBegin = mayBegin;
        Run(long.MaxValue, long.MaxValue, stop);
        this.mayBegin = always;
    }

    /// <summary>Sends a number of messages and waits for the last; false when the time has passed before.</summary>
    public bool Send(long messages, TimeSpan limit) => Run(messages, Stopwatch.GetTimestamp() + Ticks(limit), static () => false);

    /// <summary>Waits for what is under way and begins nothing more; false when the time has passed before.</summary>
    public bool Finish(TimeSpan limit) => Send(0, limit);

    public void Dispose()
    {
        foreach (var connection in connections)
        {
            if (connection.Stage != SendingStage.Closed)
                connection.Socket.Close();
        }
        poller.Dispose();
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private bool Run(long messages, long until, Func<bool> stop)
    {
        quota = messages;
        var due = true;
        while (!stop())
        {
            var now = Stopwatch.GetTimestamp();
            if (now >= until)
                return false;
            if (due)
                ConnectWhereDue(now);
            if (quota == 0 && UnderWay == 0)
                return true;
            if (parked > 0 && quota > 0)
                Unpark();
            var ready = poller.Wait(5);
            for (var i = 0; i < ready; i++)
            {
                var (token, events) = poller[i];
                Serve(connections[token], events);
            }
            due = ready == 0 || Ended % 64 == 0 || !options.Reuse;
        }
        return true;
    }

    private void Unpark()
    {
        parked = 0;
        foreach (var connection in connections)
        {
            if (connection.Stage == SendingStage.Parked)
                Next(connection);
        }
    }

    private void ConnectWhereDue(long now)
    {
        foreach (var connection in connections)
        {
            if (quota == 0 || connection.Stage != SendingStage.Closed || connection.NotBefore > now)
                continue;
            var (socket, error) = NativeSocket.Connect(null, options.Target);
            if (error != 0)
            {
                NoteError("connect " + error.ToString(CultureInfo.InvariantCulture));
                connection.NotBefore = now + RetryTicks;
                continue;
            }
            connection.Socket = socket;
            connection.Stage = SendingStage.Connect;
            poller.Add(socket, connection.Token, LibC.EpollOut);
        }
    }

    private void Serve(SendingConnection connection, uint events)
    {
        if (connection.Stage == SendingStage.Connect)
        {
            if (connection.Socket.Error is not 0 and var error)
            {
                Break(connection, "connect " + error.ToString(CultureInfo.InvariantCulture));
                return;
            }
            connection.Stage = SendingStage.Greeting;
            poller.Change(connection.Socket, connection.Token, LibC.EpollIn);
            if (options is { Tls: not null, UsesStartTls: false })
                BeginTls(connection);
            return;
        }
        if (connection.Stage == SendingStage.Handshake)
        {
            GoOnWithHandshake(connection);
            return;
        }
        if (connection.IsWriting && (events & LibC.EpollOut) != 0)
        {
            if (!connection.GoOn())
                Break(connection, "broken");
            else if (!connection.IsWriting)
                poller.Change(connection.Socket, connection.Token, LibC.EpollIn);
            return;
        }
        var length = connection.Receive(buffer);
        if (length == NativeSocket.WouldBlock)
            return;
        if (length <= 0)
        {
            Break(connection, length == 0 ? "closed" : "broken");
            return;
        }
        ReadOnlySpan<byte> input = buffer.AsSpan(0, length);
        while (!input.IsEmpty && connection.Stage != SendingStage.Closed)
        {
            var code = connection.TakeReply(ref input);
            if (code < 0)
                Break(connection, "not SMTP");
            else if (code > 0)
                Replied(connection, code);
        }
    }

    private void Replied(SendingConnection connection, int code)
    {
        switch (connection.Stage)
        {
            case SendingStage.Greeting when code == 220:
                Write(connection, SendingStage.Hello, "EHLO load.example\r\n"u8.ToArray());
                break;
            case SendingStage.Hello when code == 250 && options.UsesStartTls && connection.Tls is null:
                Write(connection, SendingStage.StartTls, "STARTTLS\r\n"u8.ToArray());
                break;
            case SendingStage.StartTls when code == 220:
                BeginTls(connection);
                break;
            case SendingStage.Hello when code == 250:
            case SendingStage.Reset when code == 250:
                Next(connection);
                break;
            case SendingStage.Envelope:
                EnvelopeReplied(connection, code);
                break;
            case SendingStage.Message when connection.IsWriting:
                Break(connection, code.ToString(CultureInfo.InvariantCulture) + " before the end of the message");
                break;
            case SendingStage.Message:
                NoteError(code, connection.Stage, 250);
                End(connection, code == 250 && connection.IsAgreed);
                if (options.Reuse)
                    Next(connection);
                else
                    Write(connection, SendingStage.Quit, "QUIT\r\n"u8.ToArray());
                break;
            case SendingStage.Quit:
                Close(connection);
                break;
            default:
                Break(connection, code.ToString(CultureInfo.InvariantCulture) + " " + connection.Stage);
                break;
        }
    }

    private void BeginTls(SendingConnection connection)
    {
        connection.Tls = options.Tls!.Begin(connection.Socket);
        connection.Stage = SendingStage.Handshake;
        GoOnWithHandshake(connection);
    }

    private void GoOnWithHandshake(SendingConnection connection)
    {
        switch (connection.Tls!.Handshake())
        {
            case NativeSocket.WouldBlock:
                break;
            case NativeSocket.Broken or 0:
                Break(connection, "handshake");
                break;
            case > 0 when options.UsesStartTls:
                Write(connection, SendingStage.Hello, "EHLO load.example\r\n"u8.ToArray());
                break;
            default:
                connection.Stage = SendingStage.Greeting;
                break;
        }
    }

    private void EnvelopeReplied(SendingConnection connection, int code)
    {
        var last = ++connection.Replies == commands.Count;
        var expected = last ? 354 : 250;
        NoteError(code, connection.Stage, expected);
        connection.IsAgreed &= code == expected;
        if (code == 421)
        {
            Break(connection, "421");
        }
        else if (last && code == 354)
        {
            var template = templates[connection.Number % templates.Length];
            var header = WriteHeader(connection.Header, template.Stamp(Ledger.Run, connection.Number));
            Write(connection, SendingStage.Message, connection.Header, header, template.Wire(connection.Number));
        }
        else if (last)
        {
            End(connection, accepted: false);
            Write(connection, SendingStage.Reset, "RSET\r\n"u8.ToArray());
        }
        else if (!options.Pipelined)
        {
            Write(connection, SendingStage.Envelope, commands.Single(connection.Number, connection.Replies));
        }
    }

    private void Next(SendingConnection connection)
    {
        if (quota == 0 || !mayBegin())
        {
            parked++;
            connection.Stage = SendingStage.Parked;
            return;
        }
        quota--;
        UnderWay++;
        connection.Number = Ledger.Begin();
        connection.Replies = 0;
        connection.IsAgreed = true;
        connection.Began = Stopwatch.GetTimestamp();
        Write(connection, SendingStage.Envelope, options.Pipelined ? commands.Together(connection.Number) : commands.Single(connection.Number, 0));
    }

    private int WriteHeader(Span<byte> header, MessageStamp stamp)
    {
        headerStart.CopyTo(header);
        var length = headerStart.Length;
        length += Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{stamp.Run:x8}.{stamp.Number:D10}@load.example>\r\n"), header[length..]);
        length += stamp.Write(header[length..]);
        "\r\n"u8.CopyTo(header[length..]);
        return length + 2;
    }

    private void Write(SendingConnection connection, SendingStage stage, byte[] text) => Write(connection, stage, text, text.Length);

    private void Write(SendingConnection connection, SendingStage stage, byte[] head, int headLength, byte[]? tail = null)
    {
        connection.Stage = stage;
        if (!connection.Write(head, headLength, tail))
            Break(connection, "broken");
        else if (connection.IsWriting)
            poller.Change(connection.Socket, connection.Token, LibC.EpollIn | LibC.EpollOut);
    }

    private void End(SendingConnection connection, bool accepted)
    {
        if (accepted)
            Latencies.Add(Stopwatch.GetTimestamp() - connection.Began);
        Ledger.End(connection.Number, accepted);
        Ended++;
        UnderWay--;
    }

    // The fate of a message whose connection breaks stays open in the ledger.
    private void Break(SendingConnection connection, string error)
    {
        if (connection.Stage != SendingStage.Quit)
            NoteError(error);
        if (connection.Stage is SendingStage.Envelope or SendingStage.Message)
        {
            Ended++;
            UnderWay--;
        }
        connection.NotBefore = Stopwatch.GetTimestamp() + RetryTicks;
        Close(connection);
    }

    private static void Close(SendingConnection connection)
    {
        connection.Tls?.Drop();
        connection.Socket.Close();
        connection.Stage = SendingStage.Closed;
        connection.Forget();
    }

    private void NoteError(int code, SendingStage stage, int expected)
    {
        if (code != expected)
            NoteError(code.ToString(CultureInfo.InvariantCulture) + " " + stage);
    }

    private void NoteError(string error) => Errors[error] = Errors.GetValueOrDefault(error) + 1;
}
