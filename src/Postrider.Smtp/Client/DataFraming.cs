using Postrider.Smtp.Content;

namespace Postrider.Smtp.Client;

/// <summary>DATA: dots are stuffed, and a line with a dot ends the content (RFC 5321 §4.1.1.4).</summary>
internal sealed class DataFraming : BodyFraming
{
    private DotStuffer stuffer;

    public override ReadOnlySpan<byte> Command => "DATA\r\n"u8;

    public override int BufferFor(int length) => DotStuffer.MaxLength(length) + DotStuffer.MaxEndLength;

    public override int RoomIn(int length) => (length - DotStuffer.MaxEndLength - 1) / 4 * 3;

    public override Range Frame(Span<byte> buffer, int length, bool isLast)
    {
        length = stuffer.Stuff(buffer, length);
        if (isLast)
            length += stuffer.WriteEnd(buffer[length..]);
        return ..length;
    }
}
