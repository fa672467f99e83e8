using Postrider.Hosting.People;
using Postrider.Hosting.Relaying;

namespace Postrider.Hosting;

/// <summary>Where mail is kept, where it goes and how often it is tried. Checked and frozen at the start.</summary>
public sealed class MailServerOptions
{
    /// <summary>The name this server goes by: in greeting, EHLO, trace fields and reports. The machine's name unless set.</summary>
    public string? Hostname { get; set; }

    /// <summary>The folder of spool, Maildirs and control socket. One process owns it at a time. <c>./data</c> unless set.</summary>
    public string DataFolder { get; set; } = "data";

    /// <summary>Domains whose mail is delivered here, a Maildir for each recipient.</summary>
    public IList<string> LocalDomains { get; set; } = [];

    /// <summary>Domains that go elsewhere, and on what terms.</summary>
    public IDictionary<string, RouteOptions> Routes { get; set; } = new Dictionary<string, RouteOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where mail for every other domain goes; without a host in it: nowhere.</summary>
    public RouteOptions Smarthost { get; set; } = new();

    /// <summary>Users, aliases and lists, or null: every recipient at a local domain has a mailbox.</summary>
    public PeopleOptions? People { get; set; }

    /// <summary>When mail is tried again, and when it is given up.</summary>
    public RetryOptions Retry { get; set; } = new();

    /// <summary>Set, it makes a sandbox: any recipient is taken, all mail is kept here within a bound, nothing is sent out.</summary>
    public SandboxOptions? Sandbox { get; set; }
}
