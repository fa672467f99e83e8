using System.Buffers;

namespace Postrider.Mime.Conversion;

/// <summary>Octets around the parts of a multipart.</summary>
internal static class Outside
{
    /// <summary>Whether there is anything in them that cannot go as it is.</summary>
    public static bool IsForeign(ReadOnlySpan<byte> octets, bool isEightBit) =>
        !octets.SequenceEqual("\r\n"u8) && (Line(octets).ContainsAny("\r\n\0"u8) || (!isEightBit && octets.ContainsAnyInRange((byte)0x80, (byte)0xFF)));

    /// <summary>Writes them, with a question mark for what cannot go.</summary>
    public static void Write(ReadOnlySpan<byte> octets, bool isEightBit, IBufferWriter<byte> output)
    {
        var written = output.GetSpan(octets.Length)[..octets.Length];
        octets.CopyTo(written);
        if (IsForeign(octets, isEightBit))
        {
            foreach (ref var octet in written[..Line(octets).Length])
            {
                if (octet is (byte)'\r' or (byte)'\n' or 0 || (!isEightBit && octet >= 0x80))
                    octet = (byte)'?';
            }
        }
        output.Advance(octets.Length);
    }

    // A delimiter comes with its line end.
    private static ReadOnlySpan<byte> Line(ReadOnlySpan<byte> octets) => octets.EndsWith("\r\n"u8) ? octets[..^2] : octets;
}
