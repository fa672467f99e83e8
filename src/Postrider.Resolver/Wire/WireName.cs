using System.Globalization;
using System.Text;

namespace Postrider.Resolver.Wire;

/// <summary>Names on the wire (RFC 1035 §3.1, §4.1.4). As text they have no last dot, and octets that are not printable are <c>\DDD</c>.</summary>
internal static class WireName
{
    private const int Longest = 255;

    /// <summary>Writes a name; false where it is none: an empty or too long label, or too long in all.</summary>
    public static bool TryWrite(string name, List<byte> message)
    {
        if (name.EndsWith('.'))
            name = name[..^1];
        var start = message.Count;
        if (name.Length > 0)
        {
            foreach (var label in name.Split('.'))
            {
                if (label.Length is 0 or > 63 || !Ascii.IsValid(label))
                    return false;
                message.Add((byte)label.Length);
                message.AddRange(Encoding.ASCII.GetBytes(label));
            }
        }
        message.Add(0);
        return message.Count - start <= Longest;
    }

    /// <summary>Reads a name. Each pointer has to go further back than the last, so that none goes round.</summary>
    /// <param name="message">The message.</param>
    /// <param name="at">Where it begins; behind it afterwards.</param>
    /// <param name="name">The name.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int at, out string name)
    {
        var text = new StringBuilder();
        name = "";
        var place = at;
        var before = at;
        var end = -1;
        var length = 1;
        while (place < message.Length)
        {
            var octet = message[place];
            if (octet == 0)
            {
                at = end < 0 ? place + 1 : end;
                name = text.ToString();
                return true;
            }
            if (octet >= 0xC0)
            {
                if (place + 1 >= message.Length)
                    return false;
                if (end < 0)
                    end = place + 2;
                place = ((octet & 0x3F) << 8) | message[place + 1];
                if (place >= before)
                    return false;
                before = place;
                continue;
            }
            length += octet + 1;
            if (octet > 63 || length > Longest || place + 1 + octet > message.Length)
                return false;
            if (text.Length > 0)
                text.Append('.');
            foreach (var character in message.Slice(place + 1, octet))
            {
                if (character is <= 32 or >= 127 or (byte)'.' or (byte)'\\')
                    text.Append(CultureInfo.InvariantCulture, $"\\{character:000}");
                else
                    text.Append((char)character);
            }
            place += octet + 1;
        }
        return false;
    }
}
