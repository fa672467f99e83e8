namespace Postrider.Hosting.Fetching;

/// <summary>
/// Who may fetch the mail that is queued for some domains, by ETRN (RFC 1985), TURN or ATRN (RFC 2645). Mail goes over a
/// connection that the peer has opened only to one who has proven who it is: by an account or a certificate.
/// </summary>
public sealed class FetchOptions
{
    /// <summary>The domains: <c>example.org</c>, or <c>*.example.org</c> for all below it; at least one.</summary>
    public IList<string> Domains { get; set; } = [];

    /// <summary>Networks whose clients may have mail for the domains sent to where it goes (ETRN): addresses or prefixes such as <c>192.0.2.0/24</c>.</summary>
    public IList<string> Networks { get; set; } = [];

    /// <summary>Accounts, by their names.</summary>
    public IList<string> Accounts { get; set; } = [];

    /// <summary>Client certificates: by the SHA-256 fingerprint, or, where an authority that is trusted for clients made it, by a name in it.</summary>
    public IList<string> Certificates { get; set; } = [];
}
