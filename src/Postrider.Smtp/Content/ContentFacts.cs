namespace Postrider.Smtp.Content;

/// <summary>What the scan of a body found in it, whichever verb brought it.</summary>
/// <param name="Length">Octets of the content, stuffed dots and the end of data not counted.</param>
/// <param name="LongestLine">Octets of the longest line, CRLF not counted (RFC 5321 §4.5.3.1.6 allows 998).</param>
/// <param name="HasEightBit">An octet above 127 occurs.</param>
/// <param name="HasBareCr">A CR without LF behind it occurs: refused, or BINARYMIME.</param>
/// <param name="HasBareLf">An LF without CR before it occurs: refused, or BINARYMIME.</param>
/// <param name="HasNul">A NUL occurs (RFC 5321 §4.1.1.4).</param>
public readonly record struct ContentFacts(
    long Length,
    long LongestLine,
    bool HasEightBit,
    bool HasBareCr,
    bool HasBareLf,
    bool HasNul)
{
    /// <summary>Octets of the header section, the empty line behind it counted; 0 where no empty line came.</summary>
    public long HeaderLength { get; init; }
}
