using System.Collections.Immutable;
using System.Globalization;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Admission;
using Postrider.Smtp.Addresses;

namespace Postrider.Hosting.Fetching;

/// <summary>Checks who may fetch the mail of which domains, and freezes it.</summary>
/// <param name="report">Takes each mistake: the path and what is wrong.</param>
internal sealed class FetchOptionsCheck(Action<string, string> report)
{
    private const string Root = "mayFetch";
    private const int FingerprintLength = 64;

    private readonly List<(DomainPattern Pattern, string Path)> domains = [];

    /// <summary>The rights; of use only where nothing was reported.</summary>
    public FetchRights Freeze(IList<FetchOptions> given)
    {
        var rights = new List<FetchRight>(given.Count);
        for (var i = 0; i < given.Count; i++)
        {
            var path = Item(Root, i);
            var who = given[i];
            if (who.Domains.Count == 0)
                report($"{path}.domains", "is missing; name the domains whose mail may be fetched.");
            if (who.Networks.Count + who.Accounts.Count + who.Certificates.Count == 0)
                report(path, "names nobody; give networks, accounts or certificates.");
            rights.Add(new FetchRight(
                Domains($"{path}.domains", who.Domains),
                NetworkList.Freeze($"{path}.networks", who.Networks, "anyone could start the queue for the domains. Name the networks that may.", report),
                Accounts($"{path}.accounts", who.Accounts),
                Certificates($"{path}.certificates", who.Certificates)));
        }
        return new FetchRights(rights);
    }

    /// <summary>Reports the domains whose mail never waits here, once it is known where mail goes.</summary>
    public void CheckRoutes(RoutingTable routes)
    {
        foreach (var (pattern, path) in domains)
        {
            if (pattern.IsBelow)
                continue;
            var mailbox = new Mailbox("x", pattern.Domain);
            if (routes.FindMailboxes(mailbox) is not null)
                report(path, $"{pattern} is delivered here, so that nothing is there to be fetched; remove it.");
            else if (routes.Find(mailbox) is null)
                report(path, $"no route is for {pattern}, so that no mail is taken for it; give it one, which may be {{ \"deliver\": \"on-demand\" }}.");
        }
    }

    private ImmutableArray<DomainPattern> Domains(string path, IList<string> given)
    {
        var patterns = ImmutableArray.CreateBuilder<DomainPattern>();
        for (var i = 0; i < given.Count; i++)
        {
            if (DomainPattern.TryParse(given[i], out var pattern, out var error))
            {
                patterns.Add(pattern);
                // A peer names its domains in ASCII.
                if (pattern.InOtherSpelling() is { } other)
                    patterns.Add(other);
                domains.Add((pattern, Item(path, i)));
            }
            else
            {
                report(Item(path, i), $"\"{given[i]}\" {error}; give a domain such as example.org, or *.example.org for all below it.");
            }
        }
        return patterns.ToImmutable();
    }

    private ImmutableArray<string> Accounts(string path, IList<string> given)
    {
        for (var i = 0; i < given.Count; i++)
        {
            if (given[i] is "" or "*")
                report(Item(path, i), $"\"{given[i]}\" is no account; name each that may have the mail.");
        }
        return [.. given];
    }

    private ImmutableArray<string> Certificates(string path, IList<string> given)
    {
        var names = ImmutableArray.CreateBuilder<string>(given.Count);
        for (var i = 0; i < given.Count; i++)
        {
            var digits = given[i].Replace(":", "", StringComparison.Ordinal);
            if (digits.Length == FingerprintLength && digits.All(char.IsAsciiHexDigit))
                names.Add(digits.ToLowerInvariant());
            else if (HostNames.IsDomain(given[i]) || AddressParser.TryParseMailbox(given[i], out _, out _))
                names.Add(given[i]);
            else
                report(Item(path, i), $"\"{given[i]}\" is neither a SHA-256 fingerprint of 64 hexadecimal digits nor a name in a certificate, such as mail.example.org.");
        }
        return names.ToImmutable();
    }

    private static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");
}
