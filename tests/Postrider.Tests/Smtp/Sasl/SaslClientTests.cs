using System.Text;
using Postrider.Smtp.Sasl;

namespace Postrider.Tests.Smtp.Sasl;

public sealed class SaslClientTests
{
    private static readonly SaslChannel Protected = new() { IsProtected = true };
    private static readonly byte[] Nonce = new byte[SaslCredential.NonceSize];

    [Fact]
    public void Plain_sends_a_NUL_before_user_and_password()
    {
        // RFC 4616 §4.
        Assert.Equal("\0tim\0tanstaaftanstaaf", Initial(new PasswordCredential("tim", "tanstaaftanstaaf"), "PLAIN"));
        Assert.Equal("Ursel\0Kurt\0xipj3plmq", Initial(new PasswordCredential("Kurt", "xipj3plmq", "Ursel"), "PLAIN"));
    }

    [Fact]
    public void Plain_has_no_more_to_say()
    {
        var client = Begin(new PasswordCredential("tim", "x"), "PLAIN");
        Assert.Null(client.Respond(""u8));
        Assert.NotNull(client.Fault);
        Assert.True(client.IsServerProven);
    }

    [Fact]
    public void Login_answers_whatever_it_is_asked_with()
    {
        var client = Begin(new PasswordCredential("tim", "secret"), "LOGIN");
        Assert.Null(client.InitialResponse);
        Assert.Equal("tim"u8, client.Respond("Benutzer"u8)!);
        Assert.Equal("secret"u8, client.Respond("?"u8)!);
        Assert.Null(client.Respond("more"u8));
    }

    [Fact]
    public void External_says_whom_it_acts_as()
    {
        Assert.Equal("", Initial(new CertificateCredential(), "EXTERNAL"));
        Assert.Equal("fred@example.com", Initial(new CertificateCredential("fred@example.com"), "EXTERNAL"));
    }

    [Fact]
    public void OAuthBearer_writes_the_message_of_the_RFC()
    {
        // RFC 7628 §4.1.
        var channel = Protected with { Host = "server.example.com", Port = 143 };
        var client = new TokenCredential("user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==").Begin(["OAUTHBEARER", "XOAUTH2"], channel, Nonce, out _);
        Assert.Equal(
            "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB",
            Convert.ToBase64String(client!.InitialResponse!));
    }

    [Fact]
    public void OAuth_answers_the_reason_of_a_refusal_once()
    {
        var bearer = Begin(new TokenCredential("a", "secret-token"), "OAUTHBEARER");
        Assert.Equal([1], bearer.Respond("{\"status\":\"invalid_token\"}\r\n"u8)!);
        Assert.Equal("The server refused the token: {\"status\":\"invalid_token\"}  ", bearer.Fault);
        Assert.Null(bearer.Respond("again"u8));

        var older = Begin(new TokenCredential("a", "secret-token"), "XOAUTH2");
        Assert.Equal("user=a\u0001" + "auth=Bearer secret-token\u0001\u0001", Encoding.UTF8.GetString(older.InitialResponse!));
        Assert.Equal([], older.Respond("{}"u8)!);
    }

    [Theory]
    [InlineData("PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS", true, "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,")]
    [InlineData("PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS", false, "SCRAM-SHA-256", "n,,")]
    [InlineData("plain login scram-sha-256", true, "SCRAM-SHA-256", "y,,")]
    [InlineData("LOGIN PLAIN CRAM-MD5", true, "PLAIN", "")]
    [InlineData("LOGIN CRAM-MD5", true, "LOGIN", null)]
    public void The_strongest_that_is_offered_is_used(string offered, bool bound, string mechanism, string? start)
    {
        var channel = Protected with { ServerEndPoint = bound ? new byte[32] : default };
        var client = new PasswordCredential("u", "p").Begin(offered.Split(' '), channel, Nonce, out var refusal);
        Assert.Null(refusal);
        Assert.Equal(mechanism, client!.Mechanism);
        if (start is null)
            Assert.Null(client.InitialResponse);
        else
            Assert.StartsWith(start, Encoding.UTF8.GetString(client.InitialResponse!));
    }

    [Fact]
    public void A_password_that_cannot_be_prepared_goes_by_Plain()
    {
        Assert.Equal("PLAIN", new PasswordCredential("u", "p\u0007").Begin(["SCRAM-SHA-256", "PLAIN"], Protected, Nonce, out _)!.Mechanism);
    }

    [Fact]
    public void Nothing_is_sent_in_the_clear()
    {
        Assert.Null(new PasswordCredential("u", "p").Begin(["PLAIN"], Protected with { IsProtected = false }, Nonce, out var refusal));
        Assert.Equal("Credentials are not sent over a connection in the clear", refusal);
    }

    [Fact]
    public void What_the_server_does_not_offer_is_said()
    {
        Assert.Null(new PasswordCredential("u", "p").Begin(["GSSAPI", "NTLM"], Protected, Nonce, out var refusal));
        Assert.Equal("The server offers GSSAPI NTLM, of which this client can use none", refusal);
        Assert.Null(new TokenCredential("u", "p").Begin([], Protected, Nonce, out refusal));
        Assert.Equal("The server offers no authentication", refusal);
        Assert.Null(new PasswordCredential("u", "p", "other").Begin(["LOGIN"], Protected, Nonce, out _));
        Assert.Null(new CertificateCredential().Begin(["PLAIN"], Protected, Nonce, out _));
    }

    [Fact]
    public void A_credential_names_its_user_and_no_secret()
    {
        Assert.Equal("tim", new PasswordCredential("tim", "hidden").ToString());
        Assert.Equal("tim", new TokenCredential("tim", "hidden").ToString());
        Assert.DoesNotContain("hid\0den", Assert.Throws<ArgumentException>(() => new PasswordCredential("tim", "hid\0den")).Message);
        Assert.DoesNotContain("hid den", Assert.Throws<ArgumentException>(() => new TokenCredential("tim", "hid den")).Message);
        Assert.Throws<ArgumentException>(() => new TokenCredential("t\u0001im", "hidden"));
    }

    private static string Initial(SaslCredential credential, string mechanism) =>
        Encoding.UTF8.GetString(Begin(credential, mechanism).InitialResponse!);

    private static SaslClient Begin(SaslCredential credential, string mechanism)
    {
        var client = credential.Begin([mechanism], Protected, Nonce, out var refusal);
        Assert.Null(refusal);
        Assert.Equal(mechanism, client!.Mechanism);
        return client;
    }
}
