namespace Postrider.Delivery;

/// <summary>Texts from outside, made fit for a status line.</summary>
internal static class DeliveryText
{
    private const int Longest = 500;

    /// <summary>One line of at most 500 characters without control characters.</summary>
    public static string OneLine(string text)
    {
        var isFit = text.Length <= Longest;
        foreach (var c in text)
            isFit &= !char.IsControl(c);
        if (isFit)
            return text;
        return string.Create(Math.Min(text.Length, Longest), text, static (line, from) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = char.IsControl(from[i]) ? ' ' : from[i];
        });
    }
}
