using System.Globalization;
using System.Net;
using System.Text;

namespace Postrider.Mime.Headers;

/// <summary>The small pieces that header fields are written of: dates, address literals, text that is safe in a field.</summary>
public static class HeaderText
{
    /// <summary>Octets of a date as <see cref="WriteDate"/> writes it, always.</summary>
    public const int DateLength = 31;

    private static ReadOnlySpan<byte> Days => "SunMonTueWedThuFriSat"u8;

    private static ReadOnlySpan<byte> Months => "JanFebMarAprMayJunJulAugSepOctNovDec"u8;

    /// <summary>Writes a date (RFC 5322 §3.3), as in <c>Sat, 21 Nov 2026 21:58:28 +0000</c>, with the offset that the value has.</summary>
    /// <param name="destination">Has room for <see cref="DateLength"/> octets.</param>
    /// <param name="date">The date.</param>
    /// <returns><see cref="DateLength"/>.</returns>
    public static int WriteDate(Span<byte> destination, DateTimeOffset date)
    {
        Days.Slice((int)date.DayOfWeek * 3, 3).CopyTo(destination);
        destination[3] = (byte)',';
        destination[4] = (byte)' ';
        TwoDigits(destination[5..], date.Day);
        destination[7] = (byte)' ';
        Months.Slice((date.Month - 1) * 3, 3).CopyTo(destination[8..]);
        destination[11] = (byte)' ';
        TwoDigits(destination[12..], date.Year / 100);
        TwoDigits(destination[14..], date.Year % 100);
        destination[16] = (byte)' ';
        TwoDigits(destination[17..], date.Hour);
        destination[19] = (byte)':';
        TwoDigits(destination[20..], date.Minute);
        destination[22] = (byte)':';
        TwoDigits(destination[23..], date.Second);
        destination[25] = (byte)' ';
        var offset = (int)date.Offset.TotalMinutes;
        destination[26] = offset < 0 ? (byte)'-' : (byte)'+';
        offset = Math.Abs(offset);
        TwoDigits(destination[27..], offset / 60);
        TwoDigits(destination[29..], offset % 60);
        return DateLength;
    }

    /// <summary>A date as <see cref="WriteDate"/> writes it.</summary>
    public static string Date(DateTimeOffset date)
    {
        Span<byte> octets = stackalloc byte[DateLength];
        WriteDate(octets, date);
        return Encoding.ASCII.GetString(octets);
    }

    /// <summary>An address as a literal (RFC 5321 §4.1.3): <c>[192.0.2.1]</c>, <c>[IPv6:2001:db8::1]</c>.</summary>
    public static string AddressLiteral(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (!IsVersion6(address))
            return $"[{address}]";
        // The zone of a link-local address means nothing elsewhere, and its % is not in the grammar.
        return address.ScopeId == 0 ? $"[IPv6:{address}]" : $"[IPv6:{new IPAddress(address.GetAddressBytes())}]";
    }

    /// <summary>
    /// A text in one line: each control character becomes a space, and what is not ASCII a question
    /// mark, unless the field may hold UTF-8 (RFC 6532).
    /// </summary>
    /// <param name="text">What a peer or a program said.</param>
    /// <param name="allowsUtf8">Whether the field may hold UTF-8.</param>
    /// <param name="limit">How many characters are kept; the rest is cut, and three dots say so.</param>
    public static string OneLine(string text, bool allowsUtf8, int limit = 900)
    {
        ArgumentNullException.ThrowIfNull(text);
        var isCut = text.Length > limit;
        if (!isCut && IsPlain(text))
            return text;

        var line = new StringBuilder(Math.Min(text.Length, limit) + 3);
        foreach (var rune in text.AsSpan(0, isCut ? limit : text.Length).EnumerateRunes())
        {
            if (Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                line.Append(' ');
            else if (rune.IsAscii || allowsUtf8)
                line.Append(rune);
            else
                line.Append('?');
        }
        return isCut ? line.Append("...").ToString() : line.ToString();
    }

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    // Asked of the address alone: AddressFamily is a type of sockets, which this project does not touch.
    private static bool IsVersion6(IPAddress address) => address.GetAddressBytes().Length == 16;

    private static void TwoDigits(Span<byte> destination, int value)
    {
        destination[0] = (byte)('0' + (value / 10));
        destination[1] = (byte)('0' + (value % 10));
    }
}
