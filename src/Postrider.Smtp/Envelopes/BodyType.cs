namespace Postrider.Smtp.Envelopes;

/// <summary>What the sender declared of the content by <c>BODY=</c> (RFC 6152, RFC 3030).</summary>
public enum BodyType : byte
{
    /// <summary>Seven bits and short lines: the default, and <c>BODY=7BIT</c>.</summary>
    SevenBit = 0,

    /// <summary><c>BODY=8BITMIME</c>: octets above 127 in lines.</summary>
    EightBitMime = 1,

    /// <summary><c>BODY=BINARYMIME</c>: any octets, sent only by BDAT.</summary>
    BinaryMime = 2,
}
