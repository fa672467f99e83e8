using Postrider.Hosting.Certificates;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.Greylisting;
using Postrider.Hosting.People;
using Postrider.Hosting.Submission;
using Postrider.Hosting.Tokens;

namespace Postrider.Hosting.Reception;

/// <summary>Where mail is received, from whom and within which limits. Checked and frozen at the start.</summary>
public sealed class SmtpServerOptions
{
    /// <summary>Where the server listens; at least one.</summary>
    public IList<ListenerOptions> Listeners { get; set; } = [];

    /// <summary>Certificates, and whose client certificates are trusted.</summary>
    public TlsOptions Tls { get; set; } = new();

    /// <summary>
    /// Networks whose clients may send to any domain, by the smarthost: addresses or prefixes such as
    /// <c>10.0.0.0/8</c>. This machine alone unless set.
    /// </summary>
    public IList<string> RelayFrom { get; set; } = ["127.0.0.0/8", "::1/128"];

    /// <summary>
    /// The file of accounts, which <c>postrider user</c> writes; in the data folder unless it is an absolute path.
    /// <c>accounts</c> unless set.
    /// </summary>
    public string Accounts { get; set; } = "accounts";

    /// <summary>Proxies that may say by XCLIENT who their client is: addresses or prefixes. Nobody unless set.</summary>
    public IList<string> XClientFrom { get; set; } = [];

    /// <summary>Content filters that may say by XFORWARD whom a message came from: addresses or prefixes. Nobody unless set.</summary>
    public IList<string> XForwardFrom { get; set; } = [];

    /// <summary>Set, mail from networks that are not known yet is put off once. Off unless set.</summary>
    public GreylistOptions? Greylist { get; set; }

    /// <summary>Whose access tokens log somebody in; null, as at first, for nobody's.</summary>
    public TokenOptions? Tokens { get; set; }

    /// <summary>Who is told by VRFY, EXPN and HELP STATUS who is here and how the server is; null: in a sandbox this machine, else nobody.</summary>
    public AskOptions? MayAsk { get; set; }

    /// <summary>Who may write to users' terminals by SEND, SOML and SAML (RFC 821 §3.4); null: in a sandbox this machine, else nobody.</summary>
    public AskOptions? MayWrite { get; set; }

    /// <summary>Who may fetch the mail that is queued for which domains (ETRN, RFC 1985; TURN; ATRN, RFC 2645). Nobody unless set.</summary>
    public IList<FetchOptions> MayFetch { get; set; } = [];

    /// <summary>Set, clients may say by when a message is to be delivered. Off unless set.</summary>
    public DeliverByOptions? DeliverBy { get; set; }

    /// <summary>Set, clients may say how urgent a message is. Off unless set.</summary>
    public PriorityOptions? Priority { get; set; }

    /// <summary>For how long those who submit mail may have it kept before it is sent on.</summary>
    public FutureReleaseOptions FutureRelease { get; set; } = new();

    /// <summary>Block lists in DNS (RFC 5782), such as <c>zen.spamhaus.org</c>, whose clients are refused. None unless set.</summary>
    public IList<string> BlockLists { get; set; } = [];

    /// <summary>
    /// Whether senders, and recipients that mail would be passed on to, are refused where their domain says in DNS that it takes
    /// no mail (a null MX, RFC 7505). Off unless set.
    /// </summary>
    public bool RefuseNullMx { get; set; }

    /// <summary>The DNS servers that block lists and null MX are asked by, as addresses; those of the system unless set.</summary>
    public IList<string> DnsServers { get; set; } = [];

    /// <summary>How much one client, and all of them, may take up.</summary>
    public LimitOptions Limits { get; set; } = new();
}
