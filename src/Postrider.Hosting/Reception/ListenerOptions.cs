namespace Postrider.Hosting.Reception;

/// <summary>An address that takes connections.</summary>
public sealed class ListenerOptions
{
    /// <summary>The address, such as <c>127.0.0.1</c>, or <c>0.0.0.0</c> and <c>::</c> for all of this machine.</summary>
    public string Address { get; set; } = "";

    /// <summary>The port, 0 to 65535; 0 takes a free one. 25 unless set (RFC 5321 §4.5.4.2).</summary>
    public int Port { get; set; } = 25;

    /// <summary>
    /// What it is for: <c>smtp</c>, mail from servers; <c>submission</c>, mail from people and programs, which log in
    /// first (RFC 6409), though in a sandbox nobody has to; <c>odmr</c>, peers that log in and fetch their mail by ATRN (RFC 2645), at port
    /// 366 by custom; or <c>none</c>: whoever comes is told by 521 that this host takes no mail (RFC 7504).
    /// </summary>
    public string Kind { get; set; } = "smtp";

    /// <summary>
    /// What it does about TLS: <c>off</c>; <c>offered</c>, by STARTTLS; <c>required</c>, by STARTTLS before anything else;
    /// <c>implicit</c>, from the first octet (RFC 8314 §3). Null, as at first: offered where a certificate is given.
    /// </summary>
    public string? Tls { get; set; }

    /// <summary>Whether clients are asked for a certificate: <c>off</c>, as at first, or <c>asked</c>. One without goes on all the same.</summary>
    public string ClientCertificates { get; set; } = "off";

    /// <summary>
    /// Whether accounts for on-demand relay may log in by CRAM-MD5, at a listener of that kind: fetchmail knows nothing else. False unless set.
    /// </summary>
    public bool CramMd5 { get; set; }

    /// <summary>
    /// The load balancers before it: addresses or prefixes from which each connection begins with a PROXY header (HAProxy's
    /// protocol, version 1 or 2) that names the client. None unless set.
    /// </summary>
    public IList<string> ProxyFrom { get; set; } = [];

    /// <summary>Whether the start goes on without it where this machine has no such address.</summary>
    public bool IsOptional { get; set; }
}
