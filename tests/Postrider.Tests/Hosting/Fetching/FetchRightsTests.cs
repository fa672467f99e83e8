using System.Net;
using Postrider.Hosting.Fetching;
using Postrider.Smtp.Server;
using Postrider.Smtp.Tls;

namespace Postrider.Tests.Hosting.Fetching;

public sealed class FetchRightsTests
{
    private static readonly string Fingerprint = new('a', 64);

    private static readonly FetchRights Rights = new FetchOptionsCheck((path, reason) => Assert.Fail($"{path}: {reason}")).Freeze(
    [
        new FetchOptions { Domains = ["one.example", "*.one.example"], Accounts = ["Joe"] },
        new FetchOptions { Domains = ["two.example"], Accounts = ["joe", "ann"], Networks = ["192.0.2.0/24"] },
        new FetchOptions { Domains = ["three.example"], Networks = ["192.0.2.1", "127.0.0.1"] },
        new FetchOptions { Domains = ["four.example"], Certificates = [string.Join(':', Enumerable.Repeat("AA", 32))] },
        new FetchOptions { Domains = ["five.example"], Certificates = ["Mail.five.example"] },
    ]);

    [Theory]
    [InlineData("joe", "198.51.100.1", "one.example *.one.example two.example", "one.example *.one.example two.example")]
    [InlineData("ann", "192.0.2.9", "two.example two.example", "two.example")]
    [InlineData("eve", "198.51.100.1", "", "")]
    [InlineData(null, "192.0.2.1", "two.example three.example", "")]
    [InlineData(null, "::ffff:192.0.2.1", "two.example three.example", "")]
    [InlineData(null, null, "three.example", "")]
    public void Accounts_and_networks_have_their_domains(string? account, string? address, string domains, string proven)
    {
        var facts = new SessionFacts { Account = account, PeerAddress = address is null ? null : IPAddress.Parse(address) };
        Assert.Equal(domains, string.Join(' ', Rights.DomainsOf(facts)));
        Assert.Equal(proven, string.Join(' ', Rights.ProvenDomainsOf(facts)));
        Assert.Equal(domains.Length > 0, Rights.MayFetch(facts));
    }

    [Theory]
    [InlineData(true, false, "four.example")]
    [InlineData(false, true, "five.example")]
    [InlineData(false, false, "")]
    public void A_certificate_counts_by_its_fingerprint_or_by_its_names_where_it_is_trusted(bool isTheOne, bool isTrusted, string domains)
    {
        var facts = new SessionFacts
        {
            PeerAddress = IPAddress.Parse("198.51.100.1"),
            Tls = new TlsFacts
            {
                Protocol = "TLSv1.3",
                CipherSuite = "TLS_AES_256_GCM_SHA384",
                PeerCertificate = new TlsPeerCertificate { Subject = "CN=x", Fingerprint = isTheOne ? Fingerprint : new string('b', 64), Names = ["other.example", "mail.FIVE.example"], IsTrusted = isTrusted },
            },
        };
        Assert.Equal(domains, string.Join(' ', Rights.ProvenDomainsOf(facts)));
    }

    [Fact]
    public void Nobody_may_fetch_anything_unless_it_is_said()
    {
        Assert.True(FetchRights.Nobody.IsNobody);
        Assert.False(FetchRights.Nobody.MayFetch(new SessionFacts()));
        Assert.False(Rights.IsNobody);
    }
}
