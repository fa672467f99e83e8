using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Sasl;
using Postrider.Tests.Transport.Dialing;

namespace Postrider.Tests.Delivery.Relay;

/// <summary>What is demanded of TLS against what a server does.</summary>
public sealed class RelayTlsTests
{
    private const string Sent = "b Relayed 250 2.0.0 taken [192.0.2.1]";

    [Theory]
    [InlineData(TlsDemand.None, "good", Sent, "in the clear", 0)]
    [InlineData(TlsDemand.None, "not offered", Sent, "in the clear", 0)]
    [InlineData(TlsDemand.Opportunistic, "good", Sent, "TLSv1.3 TLS_FAKE, verified", 1)]
    [InlineData(TlsDemand.Opportunistic, "self-signed", Sent, "TLSv1.3 TLS_FAKE, not verified: the certificate is not trusted", 1)]
    [InlineData(TlsDemand.Opportunistic, "wrong name", Sent, "TLSv1.3 TLS_FAKE, not verified: the certificate is another host's", 1)]
    [InlineData(TlsDemand.Opportunistic, "not offered", Sent, "in the clear, no TLS to be had", 0)]
    [InlineData(TlsDemand.Opportunistic, "refuses", Sent, "in the clear, no TLS to be had", 0)]
    [InlineData(TlsDemand.Opportunistic, "broken", Sent, "in the clear, since: The TLS handshake failed: broken", 1)]
    [InlineData(TlsDemand.Required, "good", Sent, "TLSv1.3 TLS_FAKE, verified", 1)]
    [InlineData(TlsDemand.Required, "self-signed", Sent, "TLSv1.3 TLS_FAKE, not verified: the certificate is not trusted", 1)]
    [InlineData(TlsDemand.Required, "not offered", "b Deferred 0 4.7.4 TLS is required, and the server does not offer it [192.0.2.1]", null, 0)]
    [InlineData(TlsDemand.Required, "refuses", "b Deferred 454 4.7.4 TLS is required, and the server refused STARTTLS: not now [192.0.2.1]", null, 0)]
    [InlineData(TlsDemand.Required, "broken", "b Deferred 0 4.7.5 The TLS handshake failed: broken [192.0.2.1]", null, 1)]
    [InlineData(TlsDemand.Verified, "good", Sent, "TLSv1.3 TLS_FAKE, verified", 1)]
    [InlineData(TlsDemand.Verified, "self-signed", "b Deferred 0 4.7.5 The TLS handshake failed: the certificate is not good enough [192.0.2.1]", null, 1)]
    [InlineData(TlsDemand.Verified, "wrong name", "b Deferred 0 4.7.5 The TLS handshake failed: the certificate is not good enough [192.0.2.1]", null, 1)]
    [InlineData(TlsDemand.Verified, "not offered", "b Deferred 0 4.7.4 TLS is required, and the server does not offer it [192.0.2.1]", null, 0)]
    public void What_is_demanded_is_had_or_the_mail_waits(TlsDemand demand, string server, string outcome, string? protection, int handshakes)
    {
        var rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { Tls = demand } };
        Behave(rig, server);
        rig.Deliver("b@y.example");
        Assert.Equal(outcome, rig.Outcomes.TrimEnd());
        Assert.Equal(protection, rig.Protection);
        Assert.Equal(handshakes, rig.Tls.Asked.Count);
        Assert.All(rig.Tls.Asked, asked => Assert.Equal(("192.0.2.1", demand == TlsDemand.Verified), (asked.TargetHost, asked.Verify)));
    }

    [Fact]
    public void Broken_TLS_is_remembered_for_a_while_and_tried_again()
    {
        var rig = new RelayRig("192.0.2.1");
        var observer = new RecordingObserver();
        Behave(rig, "broken");
        var start = rig.Simulation.Time.GetUtcNow();
        var minute = TimeSpan.FromMinutes(1);
        var said = rig.DeliverInTurn(observer, (TimeSpan.Zero, default), (minute, default), (minute, default), (8 * minute, default));
        var since = $"in the clear, since: The TLS handshake failed: broken (at {start:HH:mm:ss})";
        Assert.Equal(["in the clear, since: The TLS handshake failed: broken", since, since, "in the clear, since: The TLS handshake failed: broken"], said);
        Assert.Equal(2, rig.Tls.Asked.Count);
        Assert.Equal(
            [(new RelayHost("192.0.2.1"), "The TLS handshake failed: broken", start + BrokenTls.Lasts), (new RelayHost("192.0.2.1"), "The TLS handshake failed: broken", start + (2 * BrokenTls.Lasts))],
            observer.TlsFailures);
    }

    [Fact]
    public void What_was_found_broken_for_others_is_tried_where_TLS_is_needed()
    {
        var rig = new RelayRig("192.0.2.1");
        var observer = new RecordingObserver();
        Behave(rig, "broken");
        var said = rig.DeliverInTurn(observer, (TimeSpan.Zero, default), (TimeSpan.FromMinutes(1), TlsWish.Required));
        Assert.StartsWith("b Failed 0 5.7.10", said[1], StringComparison.Ordinal);
        Assert.Equal(2, rig.Tls.Asked.Count);

        rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { Tls = TlsDemand.Required } };
        Behave(rig, "broken");
        said = rig.DeliverInTurn(observer, (TimeSpan.Zero, default), (TimeSpan.FromMinutes(1), default));
        Assert.All(said, static one => Assert.StartsWith("b Deferred 0 4.7.5", one, StringComparison.Ordinal));
        Assert.Equal(2, rig.Tls.Asked.Count);
        Assert.Single(observer.TlsFailures);
    }

    [Fact]
    public void A_broken_handshake_is_the_end_where_the_clear_is_no_way_out()
    {
        var rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { ClearAfterFailure = false } };
        Behave(rig, "broken");
        rig.Deliver("b@y.example");
        Assert.StartsWith("b Deferred 0 4.7.5 The TLS handshake failed: broken", rig.Outcomes, StringComparison.Ordinal);

        rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { Credentials = new FixedCredential(new PasswordCredential("joe", "secret")) } };
        Behave(rig, "broken");
        rig.Deliver("b@y.example");
        Assert.StartsWith("b Deferred 0 4.7.5 The TLS handshake failed: broken", rig.Outcomes, StringComparison.Ordinal);
    }

    [Fact]
    public void TLS_on_connect_comes_before_the_greeting()
    {
        var rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { TlsOnConnect = true } };
        Behave(rig, "not offered");
        rig.Deliver("b@y.example");
        Assert.Equal(Sent, rig.Outcomes);
        Assert.Equal("TLSv1.3 TLS_FAKE, verified", rig.Protection);

        rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { TlsOnConnect = true } };
        Behave(rig, "broken");
        rig.Deliver("b@y.example");
        Assert.StartsWith("b Deferred 0 4.7.5 The TLS handshake failed: broken", rig.Outcomes, StringComparison.Ordinal);
    }

    [Fact]
    public void The_next_host_is_tried_where_one_has_no_TLS()
    {
        var rig = new RelayRig("192.0.2.1", "192.0.2.2") { Terms = new RelayTerms { Tls = TlsDemand.Required } };
        Behave(rig, "not offered");
        Behave(rig, "good", "192.0.2.2");
        rig.Deliver("b@y.example");
        Assert.Equal("b Relayed 250 2.0.0 taken [192.0.2.2]", rig.Outcomes);
    }

    // RFC 8689 §4.2.1: what the route demands does not matter, and the site is not to blame.
    [Theory]
    [InlineData(TlsDemand.Opportunistic, "requires", Sent)]
    [InlineData(TlsDemand.Verified, "requires", Sent)]
    [InlineData(TlsDemand.Opportunistic, "good", "b Failed 0 5.7.30 The sender requires TLS on all of the way, and the server does not offer REQUIRETLS [192.0.2.1]")]
    [InlineData(TlsDemand.Opportunistic, "self-signed", "b Failed 0 5.7.10 The sender requires TLS, and the server's certificate leads to no authority that is trusted [192.0.2.1]")]
    [InlineData(TlsDemand.Opportunistic, "wrong name", "b Failed 0 5.7.10 The sender requires TLS, and the server's certificate is another host's [192.0.2.1]")]
    [InlineData(TlsDemand.Opportunistic, "not offered", "b Failed 0 5.7.10 The sender requires TLS, and the connection is in the clear [192.0.2.1]")]
    [InlineData(TlsDemand.Opportunistic, "broken", "b Failed 0 5.7.10 The sender requires TLS, and the connection is in the clear [192.0.2.1]")]
    [InlineData(TlsDemand.None, "requires", "b Failed 0 5.7.10 The sender requires TLS, and the connection is in the clear [192.0.2.1]")]
    public void Where_the_sender_requires_TLS_the_message_goes_so_or_fails(TlsDemand demand, string server, string outcome)
    {
        var rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { Tls = demand }, Wish = TlsWish.Required };
        var said = Behave(rig, server);
        rig.Deliver("b@y.example");
        Assert.Equal(outcome, rig.Outcomes);
        Assert.Equal(outcome == Sent ? "MAIL FROM:<sender@example.com> REQUIRETLS" : "", string.Concat(said.Where(static line => line.StartsWith("MAIL ", StringComparison.Ordinal))));
        Assert.Equal(outcome == Sent ? SiteCondition.Reached : null, rig.Attempt!.Condition);
    }

    [Fact]
    public void What_the_sender_requires_the_next_host_may_offer()
    {
        var rig = new RelayRig("192.0.2.1", "192.0.2.2") { Wish = TlsWish.Required };
        Behave(rig, "good");
        Behave(rig, "requires", "192.0.2.2");
        rig.Deliver("b@y.example", "c@y.example");
        Assert.Equal("b Relayed 250 2.0.0 taken [192.0.2.2], c Relayed 250 2.0.0 taken [192.0.2.2]", rig.Outcomes);
    }

    [Fact]
    public void A_host_that_may_come_back_keeps_a_message_that_requires_TLS_from_failing()
    {
        var rig = new RelayRig("192.0.2.1", "192.0.2.2") { Wish = TlsWish.Required };
        Behave(rig, "good");
        rig.Deliver("b@y.example");
        Assert.StartsWith("b Deferred 0 4.4.1", rig.Outcomes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, TlsDemand.Verified, "self-signed", Sent)]
    [InlineData(true, TlsDemand.Required, "not offered", Sent)]
    [InlineData(true, TlsDemand.Verified, "broken", Sent)]
    [InlineData(false, TlsDemand.Required, "not offered", "b Deferred 0 4.7.4 TLS is required, and the server does not offer it [192.0.2.1]")]
    public void A_sender_waives_TLS_where_the_route_lets_it(bool isLet, TlsDemand demand, string server, string outcome)
    {
        var rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { Tls = demand, SenderMayWaiveTls = isLet }, Wish = TlsWish.Waived };
        Behave(rig, server);
        rig.Deliver("b@y.example");
        Assert.Equal(outcome, rig.Outcomes);

        rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { Tls = TlsDemand.None, SenderMayWaiveTls = true }, Wish = TlsWish.Waived };
        Behave(rig, "good");
        rig.Deliver("b@y.example");
        Assert.Equal((Sent, "in the clear"), (rig.Outcomes, rig.Protection));
    }

    [Theory]
    [InlineData("235 2.7.0 welcome", Sent)]
    [InlineData("535 5.7.8 wrong", "b Deferred 535 4.7.8 The server does not let joe in by PLAIN: wrong [192.0.2.1]")]
    [InlineData("454 4.7.0 later", "b Deferred 454 4.7.0 The server does not let joe in by PLAIN: later [192.0.2.1]")]
    public void Credentials_go_by_TLS_and_a_refusal_keeps_the_mail(string reply, string outcome)
    {
        var rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { Credentials = new FixedCredential(new PasswordCredential("joe", "secret")) } };
        string? said = null;
        rig.Serve("192.0.2.1", async peer =>
        {
            await GreetAsync(peer, "STARTTLS");
            Assert.Equal("STARTTLS", await peer.HearAsync());
            await peer.SayAsync("220 go");
            Assert.StartsWith("EHLO ", await peer.HearAsync(), StringComparison.Ordinal);
            await peer.SayAsync("250-mx.example", "250 AUTH PLAIN");
            said = await peer.HearAsync();
            await peer.SayAsync(reply);
            await peer.TakeMessageAsync("250 2.0.0 taken");
            await peer.TakeMessageAsync();
        });
        rig.Deliver("b@y.example");
        Assert.Equal("AUTH PLAIN AGpvZQBzZWNyZXQ=", said);
        Assert.Equal(outcome, rig.Outcomes);
    }

    [Fact]
    public void A_password_is_not_said_in_the_clear()
    {
        var rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { Credentials = new FixedCredential(new PasswordCredential("joe", "secret")) } };
        rig.Serve("192.0.2.1", async peer =>
        {
            await GreetAsync(peer, "AUTH PLAIN");
            Assert.Equal("QUIT", await peer.HearAsync());
        });
        rig.Deliver("b@y.example");
        Assert.Equal("b Deferred 0 4.7.4 Credentials are not sent over a connection in the clear [192.0.2.1]", rig.Outcomes);
    }

    [Fact]
    public void Without_its_token_mail_waits()
    {
        var rig = new RelayRig("192.0.2.1") { Terms = new RelayTerms { Credentials = new NoToken() } };
        rig.Deliver("b@y.example");
        Assert.Equal("b Deferred 0 4.7.0 no token today", rig.Outcomes.TrimEnd());
    }

    [Fact]
    public void Other_terms_are_another_place()
    {
        string[] keys =
        [
            .. new RelayTerms[]
            {
                RelayTerms.Default,
                new() { Tls = TlsDemand.None },
                new() { Tls = TlsDemand.Required },
                new() { Tls = TlsDemand.Verified },
                new() { TlsOnConnect = true },
                new() { TlsOnConnect = false },
                new() { ClearAfterFailure = false },
                new() { SenderMayWaiveTls = true },
                new() { Credentials = new FixedCredential(new PasswordCredential("joe", "secret")) },
            }.Select(terms => terms.KeySuffix()),
        ];
        Assert.Equal(keys.Length, keys.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("", keys[0]);
        Assert.DoesNotContain(keys, key => key.Contains("secret", StringComparison.Ordinal));
    }

    private static List<string> Behave(RelayRig rig, string server, string address = "192.0.2.1")
    {
        var said = new List<string>();
        rig.Tls.Failure = server == "broken" ? "broken" : null;
        rig.Tls.IsTrusted = server != "self-signed";
        rig.Tls.NamesHost = server != "wrong name";
        rig.Serve(address, async peer =>
        {
            await GreetAsync(peer, server == "not offered" ? "SIZE" : "STARTTLS");
            while (await peer.HearAsync() is { } line && line != "QUIT")
            {
                said.Add(line);
                if (line.StartsWith("EHLO ", StringComparison.Ordinal))
                    await peer.SayAsync("250-mx.example", server == "requires" ? "250 REQUIRETLS" : "250 STARTTLS");
                else if (line == "STARTTLS")
                    await peer.SayAsync(server == "refuses" ? "454 not now" : "220 go");
                else
                    await peer.SayAsync(line == "DATA" ? "354 go" : "250 ok");
                if (line != "DATA")
                    continue;
                await peer.HearContentAsync();
                await peer.SayAsync("250 2.0.0 taken");
            }
        });
        return said;
    }

    private static async Task GreetAsync(ScriptedPeer peer, string keyword)
    {
        await peer.SayAsync("220 hi");
        if (await peer.HearAsync() is not null)
            await peer.SayAsync("250-mx.example", $"250 {keyword}");
    }

    private sealed class NoToken : ICredentialSource
    {
        public string UserName => "joe";

        public ValueTask<CredentialAnswer> GetAsync(CancellationToken cancellationToken = default) => new(new CredentialAnswer(null, "no token today"));
    }
}
