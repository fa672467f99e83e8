namespace Postrider.Queue.Spool;

/// <summary>
/// Names a message, an envelope or a body in a spool, never used twice in it. Shown in 13 characters
/// of Crockford's base 32 in lower case, as in <c>250 2.0.0 Queued as 00000400000a7</c>.
/// </summary>
/// <param name="Value">The number; 0 names nothing.</param>
public readonly record struct SpoolId(ulong Value) : IComparable<SpoolId>
{
    /// <summary>How long the text is.</summary>
    public const int TextLength = 13;

    private const string Digits = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <inheritdoc/>
    public int CompareTo(SpoolId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() => string.Create(TextLength, Value, static (text, value) =>
    {
        for (var i = text.Length - 1; i >= 0; i--, value >>= 5)
            text[i] = Digits[(int)(value & 31)];
    });

    /// <summary>Reads the text that <see cref="ToString"/> gives, in either case; leading zeros may be left out.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SpoolId id)
    {
        id = default;
        if (text.Length is 0 or > TextLength)
            return false;
        ulong value = 0;
        foreach (var c in text)
        {
            var digit = Digits.IndexOf(char.ToLowerInvariant(c), StringComparison.Ordinal);
            if (digit < 0 || value > ulong.MaxValue >> 5)
                return false;
            value = (value << 5) | (uint)digit;
        }
        id = new SpoolId(value);
        return true;
    }
}
