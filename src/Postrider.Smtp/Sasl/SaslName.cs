namespace Postrider.Smtp.Sasl;

/// <summary>A saslname (RFC 5801 §4, RFC 5802 §5.1): a user's name in which <c>,</c> and <c>=</c> are written as =2C and =3D.</summary>
internal static class SaslName
{
    public static string Escape(string name) =>
        name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    /// <summary>The name that is meant; null where it is not written as one.</summary>
    public static string? Unescape(string text)
    {
        if (text.Length == 0 || text.Contains(',', StringComparison.Ordinal))
            return null;
        for (var at = text.IndexOf('=', StringComparison.Ordinal); at >= 0; at = text.IndexOf('=', at + 1))
        {
            if (!text.AsSpan(at).StartsWith("=2C", StringComparison.Ordinal) && !text.AsSpan(at).StartsWith("=3D", StringComparison.Ordinal))
                return null;
        }
        return text.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
    }
}
