using Postrider.Load.Accounting;
using Postrider.Load.Sockets;

namespace Postrider.Load.Receiving;

/// <summary>One connection of the sink: as much SMTP as a client needs to be rid of its mail.</summary>
internal sealed class SinkConnection(NativeSocket socket, RecipientPlan plan, ArrivalLedger arrivals)
{
    private const int LongestCommand = 4096;

    private readonly DottedBody body = new();
    private readonly byte[] input = new byte[64 * 1024];
    private readonly byte[] output = new byte[64 * 1024];
    private readonly List<int> recipients = [];
    private int unread;
    private int pending;
    private bool isInBody;

    public NativeSocket Socket { get; } = socket;

    /// <summary>Says hello.</summary>
    public bool Greet()
    {
        Reply("220 sink.example ESMTP\r\n"u8);
        return Flush();
    }

    /// <summary>Reads once and answers what came; false at the end of the connection.</summary>
    public bool Serve()
    {
        var read = Socket.Receive(input.AsSpan(unread));
        if (read is 0 or NativeSocket.Broken)
            return false;
        if (read == NativeSocket.WouldBlock)
            return true;
        unread += read;
        var position = 0;
        var isOpen = true;
        while (isOpen && position < unread)
        {
            var rest = input.AsSpan(position, unread - position);
            int used;
            if (isInBody)
            {
                used = body.Take(rest, out var isComplete);
                if (isComplete)
                    Accept();
            }
            else
            {
                used = rest.IndexOf((byte)'\n') + 1;
                if (used > 0)
                    isOpen = Command(rest[..used].TrimEnd("\r\n"u8));
            }
            if (used == 0)
                break;
            position += used;
        }
        input.AsSpan(position, unread - position).CopyTo(input);
        unread -= position;
        return Flush() && isOpen && unread < (isInBody ? input.Length : LongestCommand);
    }

    private bool Command(ReadOnlySpan<byte> line)
    {
        switch (line.Length < 4 ? 0 : (line[0] << 24 | line[1] << 16 | line[2] << 8 | line[3]) & ~0x20202020)
        {
            case 'E' << 24 | 'H' << 16 | 'L' << 8 | 'O':
                Reply("250-sink.example\r\n250-PIPELINING\r\n250-SIZE 1000000000\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n"u8);
                return true;
            case 'D' << 24 | 'A' << 16 | 'T' << 8 | 'A':
                body.Begin();
                isInBody = true;
                Reply("354 Go on\r\n"u8);
                return true;
            case 'R' << 24 | 'C' << 16 | 'P' << 8 | 'T':
                var start = line.IndexOf((byte)'<') + 1;
                var end = line[start..].IndexOf((byte)'>');
                recipients.Add(plan.Find(end < 0 ? line[start..] : line.Slice(start, end)));
                Reply("250 2.1.5 Fine\r\n"u8);
                return true;
            case 'Q' << 24 | 'U' << 16 | 'I' << 8 | 'T':
                Reply("221 2.0.0 Bye\r\n"u8);
                return false;
            case 'H' << 24 | 'E' << 16 | 'L' << 8 | 'O':
            case 'M' << 24 | 'A' << 16 | 'I' << 8 | 'L':
            case 'R' << 24 | 'S' << 16 | 'E' << 8 | 'T':
                recipients.Clear();
                goto case 'N' << 24 | 'O' << 16 | 'O' << 8 | 'P';
            case 'N' << 24 | 'O' << 16 | 'O' << 8 | 'P':
                Reply("250 2.0.0 Fine\r\n"u8);
                return true;
            default:
                Reply("500 5.5.1 What?\r\n"u8);
                return true;
        }
    }

    // What was counted and not answered is the client's to send again: a duplicate that rule 18 allows.
    private void Accept()
    {
        isInBody = false;
        foreach (var recipient in recipients)
            body.Note(arrivals, recipient);
        recipients.Clear();
        Reply("250 2.0.0 Taken\r\n"u8);
    }

    private void Reply(ReadOnlySpan<byte> text)
    {
        if (text.TryCopyTo(output.AsSpan(pending)))
            pending += text.Length;
    }

    // Replies are short and the client reads them: one that lets the socket's buffer fill up is cut off.
    private bool Flush()
    {
        var whole = pending == 0 || Socket.Send(output.AsSpan(0, pending)) == pending;
        pending = 0;
        return whole;
    }
}
