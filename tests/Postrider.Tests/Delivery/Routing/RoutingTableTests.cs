using Postrider.Delivery.Routing;
using Postrider.Smtp.Addresses;

namespace Postrider.Tests.Delivery.Routing;

public sealed class RoutingTableTests
{
    private static readonly MaildirTarget Mail = new("/mail");
    private static readonly RelayTarget Inside = new(new RelayHost("inside.example", 2525));
    private static readonly RelayTarget Smarthost = new(new RelayHost("a.example"), new RelayHost("b.example", 587));

    private static RoutingTable Table(RouteTarget? otherwise = null, RouteTarget? literals = null, Mailbox? postmaster = null, params (string Pattern, RouteTarget Target)[] rules) =>
        new(rules.Select(rule => new RouteRule(DomainPattern.Parse(rule.Pattern), rule.Target)), otherwise, literals, postmaster);

    private static RoutingTable Usual() => Table(
        Smarthost,
        null,
        null,
        ("example.org", Mail),
        ("*.example.org", Inside),
        ("deep.sub.example.org", Mail),
        ("*.sub.example.org", Smarthost),
        ("[127.0.0.1]", Mail),
        ("[IPv6:0:0:0:0:0:0:0:1]", Mail),
        ("bücher.example", Mail));

    [Theory]
    [InlineData("example.org", "maildir:/mail", false)]
    [InlineData("EXAMPLE.Org", "maildir:/mail", false)]
    [InlineData("x.example.org", "relay:inside.example:2525", false)]
    [InlineData("x.y.Example.org", "relay:inside.example:2525", false)]
    [InlineData("sub.example.org", "relay:inside.example:2525", false)]
    [InlineData("x.sub.example.org", "relay:a.example:25,b.example:587", false)]
    [InlineData("deep.sub.example.org", "maildir:/mail", false)]
    [InlineData("notexample.org", "relay:a.example:25,b.example:587", true)]
    [InlineData("example.org.evil.test", "relay:a.example:25,b.example:587", true)]
    [InlineData("org", "relay:a.example:25,b.example:587", true)]
    [InlineData("[127.0.0.1]", "maildir:/mail", false)]
    [InlineData("[ipv6:::1]", "maildir:/mail", false)]
    [InlineData("BÜCHER.example", "maildir:/mail", false)]
    [InlineData("bu\u0308cher.example", "maildir:/mail", false)]
    [InlineData("xn--bcher-kva.example", "maildir:/mail", false)]
    public void The_most_specific_rule_wins(string domain, string key, bool isDefault)
    {
        var route = Usual().Find(new Mailbox("user", domain));
        Assert.NotNull(route);
        Assert.Equal(key, route.Value.Target.Key);
        Assert.Equal(isDefault, route.Value.IsDefault);
    }

    [Theory]
    [InlineData("[127.0.0.2]")]
    [InlineData("[IPv6:::2]")]
    [InlineData("[x:y]")]
    public void An_address_literal_is_routed_only_where_it_is_configured(string literal)
    {
        Assert.Null(Usual().Find(new Mailbox("user", literal)));
        Assert.Equal(new Route(Mail, IsDefault: true), Table(Smarthost, Mail).Find(new Mailbox("user", literal)));
    }

    [Fact]
    public void Without_a_default_there_is_no_route_for_the_rest()
    {
        var table = Table(rules: ("example.org", Mail));
        Assert.Null(table.Find(new Mailbox("user", "example.com")));
        Assert.Equal(RoutingTable.NoRouteKey, table.NextHopKey(new Mailbox("user", "example.com")));
        Assert.Null(table.Find(new Mailbox("postmaster", "")));
        Assert.Null(RoutingTable.Empty.Find(new Mailbox("user", "example.org")));
    }

    [Fact]
    public void The_bare_postmaster_goes_where_the_configured_one_does()
    {
        var table = Table(Smarthost, postmaster: new Mailbox("admin", "example.org"), rules: ("example.org", Mail));
        Assert.Equal(new Route(Mail, IsDefault: false), table.Find(new Mailbox("Postmaster", "")));
        Assert.Equal(new Route(Smarthost, IsDefault: false), Table(Smarthost).Find(new Mailbox("postmaster", "")));
        Assert.Throws<ArgumentException>(() => Table(postmaster: new Mailbox("postmaster", "")));
    }

    [Fact]
    public void Targets_are_found_by_their_keys()
    {
        var table = Usual();
        Assert.Same(Smarthost, table.FindTarget(Smarthost.Key));
        Assert.Same(Inside, table.FindTarget("relay:INSIDE.example:2525".ToLowerInvariant()));
        Assert.Null(table.FindTarget("relay:gone.example:25"));
    }

    [Theory]
    [InlineData("example.org", "EXAMPLE.org")]
    [InlineData("*.example.org", "*.Example.org")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    public void Two_rules_for_the_same_domain_are_refused(string one, string other) =>
        Assert.Throws<ArgumentException>(() => Table(rules: [(one, Mail), (other, Inside)]));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a.*.b")]
    [InlineData("*a.example")]
    [InlineData("example.org.")]
    [InlineData(".example.org")]
    [InlineData("a..b")]
    [InlineData("a b")]
    [InlineData("user@example.org")]
    [InlineData("[127.0.0.1")]
    [InlineData("[]")]
    [InlineData("a/b")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example")]
    public void A_pattern_that_means_nothing_is_refused_with_a_reason(string? text)
    {
        Assert.False(DomainPattern.TryParse(text, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("Example.ORG", "example.org")]
    [InlineData("*.Example.ORG", "*.example.org")]
    [InlineData("[IPv6:FE80::1]", "[ipv6:fe80::1]")]
    public void A_pattern_is_shown_in_one_spelling(string text, string shown) =>
        Assert.Equal(shown, DomainPattern.Parse(text).ToString());

    [Theory]
    [InlineData("one.example", "for:one.example/relay:inside.example:2525")]
    [InlineData("ONE.example", "for:one.example/relay:inside.example:2525")]
    [InlineData("a.many.example", "for:a.many.example/relay:a.example:25,b.example:587")]
    [InlineData("many.example", "relay:a.example:25,b.example:587")]
    [InlineData("xn--bcher-kva.example", "for:bücher.example/relay:a.example:25,b.example:587")]
    [InlineData("BÜCHER.example", "for:bücher.example/relay:a.example:25,b.example:587")]
    [InlineData("away.example", "for:away.example/on-demand:")]
    [InlineData("b.away.example", "for:b.away.example/on-demand:")]
    [InlineData("here.example", "maildir:/mail")]
    public void A_domain_whose_mail_may_be_fetched_has_a_key_of_its_own(string domain, string key)
    {
        var away = new OnDemandTarget(Inside);
        var table = Fetched(away);
        var route = table.Find(new Mailbox("user", domain))!.Value;
        Assert.Equal(key, route.Key);
        Assert.Equal(key, table.NextHopKey(new Mailbox("user", domain)));
        Assert.Same(route.Target, table.FindTarget(key));
        Assert.Equal(key.StartsWith("for:", StringComparison.Ordinal) ? route : null, table.FindFetched(domain));
        Assert.Equal(route.Domain, FetchKey.DomainOf(key));
    }

    [Fact]
    public void A_key_of_mail_on_demand_leads_nowhere_where_the_route_is_another_now()
    {
        Assert.Null(Usual().FindTarget("for:away.example/on-demand:"));
        Assert.Null(Fetched(new OnDemandTarget(null)).FindTarget("for:one.example/on-demand:"));
        Assert.Same(Inside, Usual().FindTarget("for:one.example/relay:inside.example:2525"));
        Assert.Null(Usual().FindTarget("for:one.example/relay:gone.example:25"));
        Assert.True(FetchKey.IsOnDemand("for:away.example/on-demand:"));
        Assert.False(FetchKey.IsOnDemand("for:one.example/relay:gone.example:25"));
        Assert.Null(FetchKey.DomainOf("maildir:/mail"));
    }

    [Theory]
    [InlineData("example.org", "example.org", true)]
    [InlineData("example.org", "a.example.org", false)]
    [InlineData("*.example.org", "a.b.example.org", true)]
    [InlineData("*.example.org", "example.org", false)]
    [InlineData("*.example.org", "notexample.org", false)]
    public void A_pattern_contains_its_domains(string pattern, string domain, bool isIn) =>
        Assert.Equal(isIn, DomainPattern.Parse(pattern).Contains(domain));

    [Theory]
    [InlineData("example.org", "example.org", true)]
    [InlineData("example.org", "*.example.org", false)]
    [InlineData("a.example.org", "*.example.org", true)]
    [InlineData("*.a.example.org", "*.example.org", true)]
    [InlineData("*.example.org", "*.example.org", true)]
    [InlineData("*.example.org", "*.example.com", false)]
    [InlineData("a.example.org", "b.example.org", false)]
    public void Patterns_overlap_where_a_domain_is_meant_by_both(string one, string other, bool isSo)
    {
        Assert.Equal(isSo, DomainPattern.Parse(one).Overlaps(DomainPattern.Parse(other)));
        Assert.Equal(isSo, DomainPattern.Parse(other).Overlaps(DomainPattern.Parse(one)));
    }

    private static RoutingTable Fetched(OnDemandTarget away) => new(
        [
            new RouteRule(DomainPattern.Parse("one.example"), Inside),
            new RouteRule(DomainPattern.Parse("here.example"), Mail),
            new RouteRule(DomainPattern.Parse("away.example"), away),
            new RouteRule(DomainPattern.Parse("*.away.example"), away),
        ],
        Smarthost,
        fetched: new[] { "one.example", "here.example", "*.many.example", "bücher.example", "xn--bcher-kva.example", "away.example" }.Select(DomainPattern.Parse));

    [Fact]
    public void The_key_of_a_relay_names_all_hosts_in_order()
    {
        Assert.Equal("relay:[::1]:2525,mx.example:25", new RelayTarget(new RelayHost("::1", 2525), new RelayHost("MX.example")).Key);
        Assert.Throws<ArgumentException>(() => new RelayTarget());
        Assert.Throws<ArgumentOutOfRangeException>(() => new RelayHost("x", 0));
        Assert.Throws<ArgumentException>(() => new MaildirTarget("relative"));
    }

    [Fact]
    public void A_reload_replaces_the_table_whole()
    {
        var router = new Router(RoutingTable.Empty);
        var before = router.Current;
        router.Replace(Usual());
        Assert.Null(before.Find(new Mailbox("a", "example.org")));
        Assert.NotNull(router.Current.Find(new Mailbox("a", "example.org")));
    }
}
