namespace Postrider.Hosting.Certificates;

/// <summary>What a listener does about TLS.</summary>
internal enum ListenerTls
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>Offers STARTTLS.</summary>
    Offered,

    /// <summary>Offers STARTTLS, and takes no mail without (RFC 3207 §4).</summary>
    Required,

    /// <summary>Begins with TLS (RFC 8314 §3).</summary>
    Implicit,
}
