namespace Postrider.Hosting.Reception;

/// <summary>What the sessions of a listener are for.</summary>
internal enum ListenerKind
{
    /// <summary>Mail from servers.</summary>
    Smtp,

    /// <summary>Mail from people and programs, which log in first (RFC 6409).</summary>
    Submission,

    /// <summary>Peers that log in and fetch their mail by ATRN (RFC 2645), and nothing else.</summary>
    OnDemandRelay,

    /// <summary>The same, and clients that know CRAM-MD5 alone log in too.</summary>
    OnDemandRelayWithCramMd5,

    /// <summary>Everybody is told that this host takes no mail (RFC 7504).</summary>
    NoMail,

    /// <summary>A connection of ours whose roles have changed, so that the server at its other end sends us its mail.</summary>
    Turned,
}
