using System.Text;
using Postrider.Resolver;
using Postrider.Resolver.Records;

namespace Postrider.Hosting.NullMx;

/// <summary>Asks DNS whether a domain says that it takes no mail (RFC 7505).</summary>
internal sealed class NullMxRecords(DnsResolver resolver)
{
    /// <summary>
    /// Whether it says so: one MX record, whose host is the root (RFC 7505 §3). A domain that cannot be asked for, an address literal, and
    /// a name in Unicode say nothing.
    /// </summary>
    public async ValueTask<bool> ConcernAsync(string domain)
    {
        if (!HostNames.IsDomain(domain) || !Ascii.IsValid(domain))
            return false;
        var answer = await resolver.ResolveAsync(domain, RecordType.Mx, CancellationToken.None);
        return answer.Records is [MailExchangeRecord { Host: "" }];
    }
}
