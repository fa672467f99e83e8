namespace Postrider.Mime.Headers;

/// <summary>Fields that a <see cref="HeaderScanner"/> notes when it sees them.</summary>
[Flags]
public enum HeaderFields
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary><c>Date:</c>, which every message has (RFC 5322 §3.6).</summary>
    Date = 1,

    /// <summary><c>From:</c>, which every message has (RFC 5322 §3.6).</summary>
    From = 2,

    /// <summary><c>Message-ID:</c>, which every message should have (RFC 5322 §3.6.4).</summary>
    MessageId = 4,

    /// <summary><c>TLS-Required: No</c>, by which a sender waives TLS (RFC 8689 §3); another value, or a second field, is none.</summary>
    TlsWaived = 8,
}
