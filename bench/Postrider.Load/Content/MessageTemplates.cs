namespace Postrider.Load.Content;

/// <summary>
/// Bodies of one size, ready to be sent: dots stuffed, end of data behind them. There are several, of
/// random base 64, so that a body that reaches the wrong message shows.
/// </summary>
internal sealed class MessageTemplates
{
    private const int LineLength = 70;
    private const int Budget = 32 << 20;
    private const int Most = 31;

    private readonly (byte[] Wire, int Length, uint Crc)[] bodies;

    /// <summary>Makes the bodies.</summary>
    /// <param name="size">Octets of a whole message, its header included; more for one that would have no body.</param>
    /// <param name="headerLength">Octets of the header that will stand before it.</param>
    public MessageTemplates(int size, int headerLength)
    {
        // The same bodies in every run: what differs between two runs should be the server.
        var random = new Random(size);
        bodies = new (byte[], int, uint)[Math.Clamp(Budget / size, 2, Most)];
        for (var i = 0; i < bodies.Length; i++)
            bodies[i] = Make(Math.Max(size - headerLength, 16), random);
    }

    /// <summary>What is sent behind the header of a message.</summary>
    public byte[] Wire(int number) => bodies[number % bodies.Length].Wire;

    /// <summary>The stamp of a message.</summary>
    public MessageStamp Stamp(uint run, int number)
    {
        var (_, length, crc) = bodies[number % bodies.Length];
        return new MessageStamp(run, number, length, crc);
    }

    private static (byte[] Wire, int Length, uint Crc) Make(int length, Random random)
    {
        var body = new byte[length];
        random.GetItems("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"u8, body);
        for (var end = LineLength; end + 2 < length; end += LineLength + 2)
            "\r\n"u8.CopyTo(body.AsSpan(end));
        "\r\n"u8.CopyTo(body.AsSpan(length - 2));
        if (body[length - 3] is (byte)'\r' or (byte)'\n')
            body[length - 3] = body[length - 4] = (byte)'=';

        // One line begins with a dot and is stuffed.
        var dot = LineLength + 2 < length - 3 ? LineLength + 2 : 0;
        body[dot] = (byte)'.';
        var wire = new byte[length + 4];
        body.AsSpan(0, dot).CopyTo(wire);
        wire[dot] = (byte)'.';
        body.AsSpan(dot).CopyTo(wire.AsSpan(dot + 1));
        ".\r\n"u8.CopyTo(wire.AsSpan(length + 1));
        return (wire, length, Checksum.Of(body));
    }
}
