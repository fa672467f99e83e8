namespace Postrider.Hosting.Relaying;

/// <summary>Where the mail of a route goes, and on what terms it is handed over.</summary>
public sealed class RouteOptions
{
    /// <summary><c>maildir</c>, or hosts as <c>host:port</c> in the order in which they are tried.</summary>
    public IList<string> To { get; set; } = [];

    /// <summary>
    /// When mail goes: <c>at-once</c> (the default), or <c>on-demand</c>: never by itself, but when a peer fetches it that
    /// may (<see cref="Reception.SmtpServerOptions.MayFetch"/>); hosts are needed for ETRN alone then.
    /// </summary>
    public string Deliver { get; set; } = "at-once";

    /// <summary>
    /// What is demanded of TLS: <c>none</c>, <c>opportunistic</c> (where it is offered; the default), <c>required</c>, or
    /// <c>verified</c> (the certificate is trusted and names the host).
    /// </summary>
    public string Tls { get; set; } = "opportunistic";

    /// <summary>Whether TLS begins with the first octet (RFC 8314), and not by STARTTLS; null: at port 465.</summary>
    public bool? TlsOnConnect { get; set; }

    /// <summary>Whether mail goes in the clear where TLS is opportunistic and the handshake failed; true. Never where a user is set.</summary>
    public bool ClearAfterFailure { get; set; } = true;

    /// <summary>Whether a message with <c>TLS-Required: No</c> in its header (RFC 8689) goes as if <see cref="Tls"/> were <c>opportunistic</c>; false.</summary>
    public bool SenderMayWaiveTls { get; set; }

    /// <summary>
    /// What goes by BDAT to servers that offer CHUNKING (RFC 3030): <c>binary</c>, content that cannot go otherwise (the default), or
    /// <c>always</c>, all.
    /// </summary>
    public string Chunking { get; set; } = "binary";

    /// <summary>Files in PEM with the authorities that are trusted, in place of the system's.</summary>
    public IList<string> Authorities { get; set; } = [];

    /// <summary>A file in PEM with the certificate to show to the servers, its chain behind it; or null.</summary>
    public string? Certificate { get; set; }

    /// <summary>A file in PEM with the key of <see cref="Certificate"/>.</summary>
    public string? Key { get; set; }

    /// <summary>Who we are to the servers (RFC 4954): with a password, with <see cref="OAuth"/>, or with neither by the certificate (EXTERNAL). Null: nobody.</summary>
    public string? User { get; set; }

    /// <summary>The password.</summary>
    public string? Password { get; set; }

    /// <summary>A file with the password in its first line.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Where access tokens come from, in place of a password; or null.</summary>
    public OAuthOptions? OAuth { get; set; }
}
