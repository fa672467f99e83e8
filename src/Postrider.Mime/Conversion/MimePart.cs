namespace Postrider.Mime.Conversion;

/// <summary>How the content of a part is encoded, by its Content-Transfer-Encoding (RFC 2045 §6).</summary>
internal enum PartEncoding
{
    /// <summary>None named, or <c>7bit</c>.</summary>
    SevenBit,

    /// <summary><c>8bit</c>.</summary>
    EightBit,

    /// <summary><c>binary</c>.</summary>
    Binary,

    /// <summary>Quoted-printable, base64 or one that is not known: the content is not what stands there.</summary>
    Encoded,
}

/// <summary>One part of a message, or the message itself, as its header describes it.</summary>
internal sealed class MimePart(int index, MimePart? parent, bool isMessage)
{
    /// <summary>Its place in the order of the parts' headers; 0 for the message.</summary>
    public int Index { get; } = index;

    /// <summary>How many parts it lies in.</summary>
    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    /// <summary>Whether it is a message with a header of its own, and no part of a multipart.</summary>
    public bool IsMessage { get; } = isMessage;

    /// <summary>Its type and subtype, or what stands for them where none is given (RFC 2045 §5.2, RFC 2046 §5.1.5).</summary>
    public ContentType Type { get; set; } =
        !isMessage && parent?.Type is { IsMultipart: true, Subtype: "digest" } ? new ContentType("message", "rfc822", null) : ContentType.Text;

    /// <summary>Whether its header names a type.</summary>
    public bool HasType { get; set; }

    /// <summary>Whether its header has MIME-Version.</summary>
    public bool HasVersion { get; set; }

    /// <summary>How its content is encoded.</summary>
    public PartEncoding Encoding { get; set; }

    /// <summary>Whether a signature covers it, so that nothing in it may change (RFC 1847 §2.1).</summary>
    public bool IsSigned => isInSigned || Type is { IsMultipart: true, Subtype: "signed" };

    /// <summary>Whether parts with a delimiter between them lie in it.</summary>
    public bool IsMultipart => Type is { IsMultipart: true, Boundary: not null } && Encoding != PartEncoding.Encoded;

    /// <summary>Whether a message lies in it.</summary>
    public bool HoldsMessage => Type is { Type: "message", Subtype: "rfc822" } && Encoding != PartEncoding.Encoded;

    private readonly bool isInSigned = parent?.IsSigned == true;
}
