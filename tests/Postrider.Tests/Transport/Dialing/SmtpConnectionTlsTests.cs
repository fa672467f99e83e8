using System.Net;
using Postrider.Smtp.Client;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Sasl;
using Postrider.Testing.Networks;
using Postrider.Tests.Transport.Tls;
using Postrider.Transport.Dialing;
using Postrider.Transport.Sockets;
using Postrider.Transport.Tls;

namespace Postrider.Tests.Transport.Dialing;

/// <summary>Connections that come under TLS: in a simulation, and over real sockets.</summary>
public sealed class SmtpConnectionTlsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_message_goes_by_TLS(int seed)
    {
        var fixture = MakeFixture(seed, TlsDemand.Required);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await fixture.OpenAsync();
            Assert.Equal("TLS_FAKE", connection.Tls!.CipherSuite);
            var result = await connection.SendAsync(DialingFixture.MakeEnvelope(), new TextContent("hi\r\n"));
            Assert.Equal((RecipientVerdict.Accepted, "TLSv1.3"), (result.Recipients[0].Verdict, result.Tls!.Protocol));
            await connection.QuitAsync();
            await serving;
        });

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "STARTTLS");
            Assert.Equal("STARTTLS", await peer.HearAsync());
            await peer.SayAsync("220 go");
            Assert.StartsWith("EHLO ", await peer.HearAsync(), StringComparison.Ordinal);
            await peer.SayAsync("250 mx.example");
            Assert.Equal("hi\r\n", await peer.TakeMessageAsync());
            Assert.Null(await peer.TakeMessageAsync());
        }
    }

    [Theory]
    [InlineData(TlsDemand.Opportunistic)]
    [InlineData(TlsDemand.Required)]
    public void What_is_said_in_the_clear_behind_the_reply_to_STARTTLS_ends_the_connection(TlsDemand demand)
    {
        var tls = new FakeTls();
        var fixture = MakeFixture(1, demand, tls);
        var network = new InMemoryNetwork(fixture.Simulation.Time, fixture.Simulation.Random) { FragmentReads = false };
        var listener = ScriptedPeer.Listen(network);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await SmtpConnection.OpenAsync(network, ScriptedPeer.Address, fixture.Settings, fixture.Tls, fixture.Simulation.Time);
            Assert.Equal((EndingKind.Violation, "The server sent octets in the clear behind its reply to STARTTLS"), (connection.Ending!.Kind, connection.Ending.Text));
            await serving;
        });
        Assert.Empty(tls.Asked);

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(listener, "STARTTLS");
            Assert.Equal("STARTTLS", await peer.HearAsync());
            await peer.SayAsync("220 go\r\n250-mx.example\r\n250 AUTH PLAIN");
            Assert.Null(await peer.HearAsync());
        }
    }

    [Fact]
    public void A_handshake_that_gets_no_answer_is_given_up_after_its_time()
    {
        var fixture = MakeFixture(1, TlsDemand.Opportunistic, new FakeTls { IsSilent = true });
        fixture.Simulation.Run(async () =>
        {
            var serving = SeeClientLeaveAsync(fixture);
            await using var connection = await fixture.OpenAsync();
            Assert.Equal((EndingKind.TimedOut, "Timed out in the TLS handshake"), (connection.Ending!.Kind, connection.Ending.Text));
            Assert.InRange(fixture.Simulation.Time.Elapsed, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(61));
            await serving;
        });
    }

    [Fact]
    public void A_handshake_under_way_can_be_given_up()
    {
        var fixture = MakeFixture(1, TlsDemand.Opportunistic, new FakeTls { IsSilent = true });
        fixture.Simulation.Run(async () =>
        {
            var serving = SeeClientLeaveAsync(fixture);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5), fixture.Simulation.Time);
            await using var connection = await fixture.OpenAsync(cancellationToken: patience.Token);
            Assert.Equal(EndingKind.Cancelled, connection.Ending!.Kind);
            await serving;
        });
    }

    [Fact]
    public void No_secret_is_in_the_dialogue_that_is_shown()
    {
        SaslCredential[] credentials = [new PasswordCredential("joe", "pa55word"), new TokenCredential("joe", "pa55word"), new TokenCredential("joe", "pa55word" + new string('x', 500))];
        foreach (var mechanism in (string[])["PLAIN", "LOGIN", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2"])
        {
            foreach (var credential in credentials)
            {
                var fixture = new DialingFixture(1);
                fixture.Settings = fixture.Settings with { Extensions = [new AuthClientExtension(credential, "mx.example", 25, isLoopback: true, octets => octets.Clear())] };
                var shown = new ShownDialogue();
                var responses = new List<string>();
                fixture.Simulation.Run(async () =>
                {
                    var serving = ServeAsync();
                    await using var connection = await fixture.OpenAsync(shown);
                    await connection.DisposeAsync();
                    await serving;
                });
                Assert.All(responses, response => Assert.DoesNotContain(shown.Lines, line => line.Contains(response, StringComparison.Ordinal)));
                Assert.DoesNotContain(shown.Lines, line => line.Contains("pa55word", StringComparison.Ordinal));
                if (responses.Count > 0)
                    Assert.Contains(shown.Lines, line => line.StartsWith($"AUTH {mechanism}", StringComparison.Ordinal));

                async Task ServeAsync()
                {
                    await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, $"AUTH {mechanism}");
                    string[] challenges = mechanism switch
                    {
                        "LOGIN" => ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "535 no"],
                        "SCRAM-SHA-256" => ["334 " + Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"r={Convert.ToBase64String(new byte[24])}server,s=c2FsdA==,i=4096")), "535 no"],
                        _ => ["334 ", "535 no"],
                    };
                    foreach (var challenge in challenges)
                    {
                        if (await peer.HearAsync() is not { } line || line == "QUIT")
                            return;
                        responses.AddRange(line.Split(' ').Skip(line.StartsWith("AUTH ", StringComparison.Ordinal) ? 2 : 0).Where(word => word.Length > 3));
                        await peer.SayAsync(challenge);
                    }
                    await peer.HearAsync();
                }
            }
        }
    }

    [Theory]
    [InlineData(TlsDemand.Verified, "good", false)]
    [InlineData(TlsDemand.Verified, "good", true)]
    [InlineData(TlsDemand.Required, "self-signed", false)]
    [InlineData(TlsDemand.Required, "wrong name", true)]
    [InlineData(TlsDemand.Verified, "self-signed", false)]
    [InlineData(TlsDemand.Verified, "wrong name", false)]
    [InlineData(TlsDemand.Opportunistic, "no TLS behind it", false)]
    public async Task Real_handshakes_are_judged(TlsDemand demand, string server, bool fromFirstOctet)
    {
        var authority = new TestAuthority();
        var certificate = (server == "self-signed" ? new TestAuthority("Another") : authority).Issue(server == "wrong name" ? "other.example" : "mx.example");
        var network = new SocketNetwork();
        await using var listener = network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var tls = new DialTls(new SystemTls(), new TlsClientSettings { TargetHost = "mx.example", Verify = demand == TlsDemand.Verified, TrustAnchors = [authority.Certificate] })
        {
            FromFirstOctet = fromFirstOctet,
        };
        var settings = new ClientSettings { HelloName = "client.example", Extensions = [new StartTlsClientExtension(demand)] };
        var serving = ServeAsync();
        await using var connection = await SmtpConnection.OpenAsync(network, listener.EndPoint, settings, tls, TimeProvider.System);
        var isGood = server == "good" || demand == TlsDemand.Required;
        if (isGood)
        {
            var result = await connection.SendAsync(DialingFixture.MakeEnvelope(), new TextContent("hi\r\n"));
            Assert.Equal(RecipientVerdict.Accepted, result.Recipients[0].Verdict);
            Assert.Equal((server != "self-signed", server != "wrong name"), (result.Tls!.PeerCertificate!.IsTrusted, result.Tls.PeerCertificate.NamesHost));
            await connection.QuitAsync();
        }
        else
        {
            Assert.Equal(EndingKind.HandshakeFailed, connection.Ending!.Kind);
            Assert.Contains(server switch { "self-signed" => "not trusted", "wrong name" => "not mx.example", _ => "handshake failed" }, connection.Ending.Text, StringComparison.Ordinal);
        }
        Assert.Equal(isGood ? "hi\r\n" : null, await serving);

        async Task<string?> ServeAsync()
        {
            var transport = (await listener.AcceptAsync())!;
            var handshake = fromFirstOctet ? await new SystemTls().AcceptAsync(transport, new TlsServerSettings(certificate)) : null;
            var peer = new ScriptedPeer(handshake?.Transport ?? transport);
            await peer.SayAsync("220 hi");
            await peer.HearAsync();
            await peer.SayAsync("250-mx.example", "250 STARTTLS");
            if (!fromFirstOctet)
            {
                Assert.Equal("STARTTLS", await peer.HearAsync());
                await peer.SayAsync("220 go");
                if (server == "no TLS behind it")
                {
                    // The handshake has begun when it answers in the clear.
                    await transport.ReadAsync(new byte[4096]);
                    await peer.SayAsync("250 SIZE 10");
                    await peer.DisposeAsync();
                    return null;
                }
                handshake = await new SystemTls().AcceptAsync(transport, new TlsServerSettings(certificate));
                if (!handshake.IsEstablished)
                    return null;
                peer = new ScriptedPeer(handshake.Transport);
                if (await peer.HearAsync() is null)
                    return null;
                await peer.SayAsync("250 mx.example");
            }
            var content = await peer.TakeMessageAsync();
            await peer.TakeMessageAsync();
            await peer.DisposeAsync();
            return content;
        }
    }

    // Says go to STARTTLS, and sees the client leave.
    private static async Task SeeClientLeaveAsync(DialingFixture fixture)
    {
        await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "STARTTLS");
        await peer.HearAsync();
        await peer.SayAsync("220 go");
        Assert.Null(await peer.HearAsync());
    }

    private static DialingFixture MakeFixture(int seed, TlsDemand demand, FakeTls? tls = null)
    {
        var fixture = new DialingFixture(seed) { Tls = new DialTls(tls ?? new FakeTls(), new TlsClientSettings { TargetHost = "mx.example" }) };
        fixture.Settings = fixture.Settings with { Extensions = [new StartTlsClientExtension(demand), .. ClientExtension.Standard] };
        return fixture;
    }

    private sealed class ShownDialogue : IDialogueObserver
    {
        public List<string> Lines { get; } = [];

        public void Sent(string line) => Lines.Add(line);

        public void Received(string line) => Lines.Add(line);

        public void SentContent(long octets)
        {
        }
    }
}
