namespace Postrider.Smtp.Envelopes;

/// <summary>What the sender wants of TLS on the message's way (RFC 8689), whatever policies say.</summary>
public enum TlsWish : byte
{
    /// <summary>Nothing was said: policies decide.</summary>
    Unspecified = 0,

    /// <summary><c>REQUIRETLS</c>: it goes on only under TLS to servers that are who they should be and require the same in turn; else it fails.</summary>
    Required = 1,

    /// <summary><c>TLS-Required: No</c> in the header: better in the clear than not at all.</summary>
    Waived = 2,
}
