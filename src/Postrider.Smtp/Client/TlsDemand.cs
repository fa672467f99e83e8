namespace Postrider.Smtp.Client;

/// <summary>What a client demands of TLS, from the weakest on.</summary>
public enum TlsDemand : byte
{
    /// <summary>None: STARTTLS is not used, though it be offered.</summary>
    None = 0,

    /// <summary>Where it is offered; the certificate may be anybody's (RFC 7435).</summary>
    Opportunistic,

    /// <summary>No mail in the clear; the certificate may be anybody's.</summary>
    Required,

    /// <summary>No mail but to a server whose certificate is trusted and names the host (RFC 9525).</summary>
    Verified,
}
