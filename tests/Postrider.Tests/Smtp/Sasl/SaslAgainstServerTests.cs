using System.Text;
using Postrider.Conformance.Dialogues;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;
using Postrider.Smtp.Tls;

namespace Postrider.Tests.Smtp.Sasl;

/// <summary>The client's mechanisms against the server's session.</summary>
public sealed class SaslAgainstServerTests
{
    private static readonly byte[] EndPoint = [1, 2, 3, 4];

    [Theory]
    [InlineData("SCRAM-SHA-256-PLUS")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    public void A_password_is_proven(string mechanism)
    {
        Assert.StartsWith("235 2.7.0", Authenticate(new PasswordCredential("tïm", "pässword"), mechanism, EndPoint));
        Assert.StartsWith("535 5.7.8", Authenticate(new PasswordCredential("tïm", "other"), mechanism, EndPoint));
        Assert.StartsWith("535 5.7.8", Authenticate(new PasswordCredential("tom", "pässword"), mechanism, EndPoint));
    }

    [Theory]
    [InlineData("OAUTHBEARER")]
    [InlineData("XOAUTH2")]
    public void A_token_is_proven(string mechanism)
    {
        Assert.StartsWith("235 2.7.0", Authenticate(new TokenCredential("a,b=c", "good.token"), mechanism, EndPoint));
        Assert.StartsWith("535 5.7.8", Authenticate(new TokenCredential("a,b=c", "bad.token"), mechanism, EndPoint));
    }

    [Fact]
    public void A_secret_for_on_demand_relay_is_proven()
    {
        Assert.StartsWith("235 2.7.0", Authenticate(new CramMd5Credential("tïm", "pässword"), "CRAM-MD5", EndPoint));
        Assert.StartsWith("535 5.7.8", Authenticate(new CramMd5Credential("tïm", "other"), "CRAM-MD5", EndPoint));
        Assert.StartsWith("535 5.7.8", Authenticate(new CramMd5Credential("tom", "pässword"), "CRAM-MD5", EndPoint));
    }

    [Fact]
    public void A_certificate_is_proven() =>
        Assert.StartsWith("235 2.7.0", Authenticate(new CertificateCredential(), "EXTERNAL", EndPoint));

    [Fact]
    public void Somebody_in_between_has_another_certificate() =>
        Assert.StartsWith("535 5.7.8", Authenticate(new PasswordCredential("tïm", "pässword"), "SCRAM-SHA-256-PLUS", [9, 9]));

    [Fact]
    public void Somebody_in_between_has_taken_PLUS_away() =>
        // The client sees SCRAM-SHA-256 alone though the server offers both.
        Assert.StartsWith("535 5.7.8", Authenticate(new PasswordCredential("tïm", "pässword"), "SCRAM-SHA-256", EndPoint, "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"));

    private static string Authenticate(SaslCredential credential, string seen, byte[] clientEndPoint, params string[] offered)
    {
        var policy = new ScriptedPolicy().Add("user tïm pässword").Add("user a,b=c good.token");
        var facts = new SessionFacts
        {
            Tls = new TlsFacts
            {
                Protocol = "TLSv1.3",
                CipherSuite = "TLS_AES_256_GCM_SHA384",
                ServerEndPoint = EndPoint,
                PeerCertificate = new TlsPeerCertificate { Subject = "CN=c", Fingerprint = new string('0', 64), Names = ["client.example"], IsTrusted = true },
            },
        };
        var settings = new ServerSettings { Hostname = "mx.example.org", Extensions = new SmtpExtensions(new AuthExtension([.. offered.Length == 0 ? [seen] : offered])) };
        var server = new SessionDriver(settings, policy, facts);
        server.Feed("EHLO client.example\r\n"u8);

        var channel = new SaslChannel { IsProtected = true, ServerEndPoint = clientEndPoint, Host = "mx.example.org", Port = 587 };
        var client = credential.Begin([seen], channel, new byte[SaslCredential.NonceSize], out _)!;
        var initial = client.InitialResponse is not { } first ? "" : first.Length == 0 ? " =" : " " + Convert.ToBase64String(first);
        var reply = Say(server, $"AUTH {client.Mechanism}{initial}");
        while (reply.StartsWith("334 ", StringComparison.Ordinal))
        {
            var response = client.Respond(Convert.FromBase64String(reply[4..]));
            reply = Say(server, response is null ? "*" : Convert.ToBase64String(response));
        }
        Assert.Equal(reply.StartsWith("235", StringComparison.Ordinal), client.IsServerProven && client.Fault is null && reply[0] == '2');
        return reply;
    }

    private static string Say(SessionDriver server, string line)
    {
        var before = server.Transcript.Length;
        server.Feed(Encoding.UTF8.GetBytes(line + "\r\n"));
        return server.Transcript[before..].TrimEnd('\r', '\n');
    }
}
