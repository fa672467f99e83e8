namespace Postrider.Smtp.Sasl;

/// <summary>Reads the messages of SCRAM (RFC 5802 §7): attributes of one letter in a fixed order, a comma between them.</summary>
internal static class ScramAttributes
{
    /// <summary>The values of the attributes named, at the start of the message and in this order; null where it is not so.</summary>
    /// <remarks>A message with "m", a mandatory extension, is never read (RFC 5802 §5.1); optional ones may follow.</remarks>
    public static string[]? Read(string message, params ReadOnlySpan<char> names)
    {
        var parts = message.Split(',');
        if (parts.Length < names.Length)
            return null;
        var values = new string[names.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var part = parts[i];
            if (part.Length < 2 || part[1] != '=' || !char.IsAsciiLetter(part[0]) || part[0] == 'm')
                return null;
            if (i >= names.Length)
                continue;
            if (part[0] != names[i])
                return null;
            values[i] = part[2..];
        }
        return values;
    }

    /// <summary>The octets, or null where the text is not base64 as RFC 4648 §4 writes it, padding included and nothing between.</summary>
    public static byte[]? Base64(string text)
    {
        var octets = new byte[text.Length / 4 * 3];
        return text.Length % 4 == 0 && !text.AsSpan().ContainsAny(" \t\r\n") && Convert.TryFromBase64String(text, octets, out var length)
            ? octets[..length]
            : null;
    }
}
