using Postrider.Load.Sockets;

namespace Postrider.Load.Sending;

/// <summary>One connection of a load: its socket, what is still to be written, and which reply comes next.</summary>
internal sealed class SendingConnection(int token)
{
    private const int LongestReply = 1024;
    private const int LongestRecord = 16 * 1024;

    private readonly byte[] reply = new byte[LongestReply];
    private int replyLength;
    private byte[] first = [];
    private byte[] second = [];
    private int firstLength;
    private int written;
    private byte[]? record;

    /// <summary>Its number with the poller.</summary>
    public int Token { get; } = token;

    public NativeSocket Socket { get; set; }

    /// <summary>TLS over the socket, or null.</summary>
    public TlsChannel? Tls { get; set; }

    public SendingStage Stage { get; set; }

    /// <summary>The message that is under way.</summary>
    public int Number { get; set; }

    /// <summary>When its MAIL was written.</summary>
    public long Began { get; set; }

    /// <summary>How many replies of the envelope have come.</summary>
    public int Replies { get; set; }

    /// <summary>Whether each of them said yes.</summary>
    public bool IsAgreed { get; set; }

    /// <summary>When it may connect again.</summary>
    public long NotBefore { get; set; }

    /// <summary>Room for the header of its message.</summary>
    public byte[] Header { get; } = new byte[512];

    /// <summary>Whether a write waits for room.</summary>
    public bool IsWriting => written < firstLength + second.Length;

    public int Receive(Span<byte> buffer) => Tls is { } tls ? tls.Receive(buffer) : Socket.Receive(buffer);

    public void Forget()
    {
        Tls = null;
        replyLength = firstLength = written = 0;
        second = [];
    }

    /// <summary>Begins to write two pieces; false when the connection is broken.</summary>
    public bool Write(byte[] head, int headLength, byte[]? tail = null)
    {
        // One record where one is enough, as clients with a buffer send it.
        if (Tls is not null && tail is not null && headLength + tail.Length <= LongestRecord)
        {
            record ??= new byte[LongestRecord];
            head.AsSpan(0, headLength).CopyTo(record);
            tail.CopyTo(record.AsSpan(headLength));
            (head, headLength, tail) = (record, headLength + tail.Length, null);
        }
        (first, firstLength, second, written) = (head, headLength, tail ?? [], 0);
        return GoOn();
    }

    /// <summary>Writes as much as finds room; false when the connection is broken.</summary>
    public bool GoOn()
    {
        while (IsWriting)
        {
            var sent = Tls is { } tls
                ? tls.Send(written < firstLength ? first.AsSpan(written, firstLength - written) : second.AsSpan(written - firstLength))
                : written < firstLength
                ? Socket.Send(first.AsSpan(written, firstLength - written), second)
                : Socket.Send(second.AsSpan(written - firstLength));
            if (sent < 0)
                return sent == NativeSocket.WouldBlock;
            written += sent;
        }
        return true;
    }

    /// <summary>Takes the next whole reply from what was read: its code, 0 when there is none yet, -1 for one that is no SMTP.</summary>
    public int TakeReply(ref ReadOnlySpan<byte> input)
    {
        while (true)
        {
            var end = input.IndexOf((byte)'\n');
            var part = end < 0 ? input : input[..end];
            if (replyLength + part.Length > LongestReply)
                return -1;
            ReadOnlySpan<byte> line;
            if (end >= 0 && replyLength == 0)
            {
                line = part;
            }
            else
            {
                part.CopyTo(reply.AsSpan(replyLength));
                replyLength += part.Length;
                line = reply.AsSpan(0, replyLength);
            }
            input = end < 0 ? [] : input[(end + 1)..];
            if (end < 0)
                return 0;
            replyLength = 0;
            if (line.Length < 3 || !char.IsAsciiDigit((char)line[0]) || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2]))
                return -1;
            if (line.Length == 3 || line[3] != (byte)'-')
                return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
        }
    }
}
