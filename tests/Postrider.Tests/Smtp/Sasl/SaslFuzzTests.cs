using System.Text;
using Postrider.Conformance.Dialogues;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;
using Postrider.Smtp.Tls;

namespace Postrider.Tests.Smtp.Sasl;

/// <summary>
/// Exchanges of every mechanism, right ones and damaged ones, towards both sides: no exception, nobody let in
/// or believed without the secret, the same replies however the input is cut.
/// </summary>
[Collection(nameof(Alone))]
public sealed class SaslFuzzTests
{
    private const string Secret = "pässword";

    private static readonly byte[] endPoint = [1, 2, 3, 4];
    private static readonly ServerSettings settings = new()
    {
        Hostname = "mx.example.org",
        Extensions = new SmtpExtensions(new AuthExtension(SaslMechanisms.All)),
        Limits = new ServerLimits { Errors = 100, IdleCommands = 100 },
    };

    private static readonly ScriptedPolicy policy = new ScriptedPolicy().Add("user tïm " + Secret).Add("user ann good.token").Add("auth off 454 4.7.0 Later").Add("auth gone 421 4.7.0 Gone");
    private static readonly PasswordCredential right = new("tïm", Secret);
    private static readonly PasswordCredential wrong = new("tïm", "other");

    private static readonly string[] lines =
        ["*", "=", "", "====", "AA=", "AAAA AAAA", "\0", "é", "AUTH PLAIN", "AUTH PLAIN =", "AUTH LOGIN dO9t", "AUTH EXTERNAL =", "AUTH", "AUTH X", "auth scram-sha-256", "EHLO c", "RSET", "MAIL FROM:<a@b> AUTH=<>", "MAIL FROM:<a@b> AUTH=e+3Da@b", "QUIT"];

    [Fact]
    public void The_session_bears_any_exchange()
    {
        var entered = 0;
        Fuzzing.Repeat(random =>
        {
            var server = new SessionDriver(settings, policy, Peer);
            var input = new List<byte>();
            var knows = false;
            Say(server, input, "EHLO client.example"u8);
            for (var exchanges = random.Next(1, 4); exchanges > 0 && !server.IsClosed; exchanges--)
                knows |= Exchange(server, input, random);
            // A damaged message may still be a right one; without the secret in any there is none.
            var entry = server.Transcript.Contains("\r\n235 ", StringComparison.Ordinal);
            if (entry && !knows)
                throw new InvalidOperationException($"Let in: {Encoding.Latin1.GetString([.. input])} / {server.Transcript}");
            entered += entry ? 1 : 0;
            Assert.DoesNotContain(Secret, server.Transcript, StringComparison.Ordinal);

            var cut = new SessionDriver(settings, policy, Peer);
            var octets = input.ToArray();
            for (var at = 0; at < octets.Length;)
            {
                var length = Math.Min(random.Next(1, 200), octets.Length - at);
                cut.Feed(octets.AsSpan(at, length));
                at += length;
            }
            Assert.Equal(server.Transcript, cut.Transcript);
        });
        Assert.InRange(entered, Fuzzing.Rounds / 10, Fuzzing.Rounds * 9 / 10);
    }

    [Fact]
    public void The_client_bears_any_challenge()
    {
        // Keys cost their iterations, whatever the salt.
        var keys = ScramKeys.Derive("password", [1], 4096);
        Fuzzing.Repeat(random =>
        {
            SaslClient client = random.Next(7) switch
            {
                0 => new PlainClient(null, "tim", Secret),
                1 => new LoginClient("tim", Secret),
                2 => new ExternalClient(""),
                3 => OAuthClient.Bearer("tim", "good.token", "mx.example.org", 587),
                4 => OAuthClient.XOAuth2("tim", "good.token"),
                5 => new CramMd5Client("tim", Secret),
                _ => new ScramClient((ScramBinding)random.Next(3), endPoint, null, "tim", "nonce", (_, _) => keys),
            };
            _ = client.InitialResponse;
            for (var turn = 0; turn < 5; turn++)
            {
                var challenge = turn == 1 ? "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="u8 : "r=nonceX,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,m=x"u8[..^random.Next(5)];
                var response = client.Respond(random.Next(4) == 0 ? challenge : Mutation.Mutate(challenge, ",=rsivem\0\u00ff0"u8, random));
                Assert.InRange(response?.Length ?? 0, 0, 2000);
                Assert.True(client is not ScramClient || !client.IsServerProven);
                Assert.DoesNotContain(Secret, client.Fault ?? "", StringComparison.Ordinal);
                Assert.DoesNotContain(client.Fault ?? "", char.IsControl);
            }
        });
    }

    private static SessionFacts Peer => new()
    {
        Tls = new TlsFacts
        {
            Protocol = "TLSv1.3",
            CipherSuite = "TLS_AES_256_GCM_SHA384",
            ServerEndPoint = endPoint,
            PeerCertificate = new TlsPeerCertificate { Subject = "CN=c", Fingerprint = new string('0', 64), Names = ["client.example"], IsTrusted = true },
        },
    };

    // Whether who speaks knows a secret that lets it in.
    private static bool Exchange(SessionDriver server, List<byte> input, Random random)
    {
        var mechanism = SaslMechanisms.All[random.Next(SaslMechanisms.All.Length)];
        var knows = random.Next(2) == 0;
        SaslCredential credential = mechanism switch
        {
            ExternalClient.Name => new CertificateCredential(knows ? "" : "x"),
            OAuthClient.BearerName or OAuthClient.XOAuth2Name => new TokenCredential("ann", knows ? "good.token" : "bad.token"),
            CramMd5.Name => new CramMd5Credential("tïm", knows ? Secret : "other"),
            _ => knows ? right : wrong,
        };
        var nonce = new byte[SaslCredential.NonceSize];
        random.NextBytes(nonce);
        var client = credential.Begin([mechanism], new SaslChannel { IsProtected = true, ServerEndPoint = endPoint, Host = "h", Port = 25 }, nonce, out _)!;
        var isDamaged = random.Next(4) > 0;
        var initial = client.InitialResponse is { } first && random.Next(4) > 0 ? first.Length == 0 ? " =" : " " + Encode(first) : "";
        var reply = Say(server, input, Encoding.UTF8.GetBytes($"AUTH {mechanism}{initial}"));
        for (var turn = 0; turn < 6 && reply.StartsWith("334 ", StringComparison.Ordinal); turn++)
        {
            var response = turn == 0 && initial.Length == 0 && client.InitialResponse is { } late ? late : client.Respond(Convert.FromBase64String(reply[4..]));
            reply = Say(server, input, Encoding.UTF8.GetBytes(response is null ? "*" : Encode(response)));
        }
        if (random.Next(4) == 0)
            Say(server, input, Encoding.UTF8.GetBytes(lines[random.Next(lines.Length)]));
        // A certificate needs no secret, and who acts as whom is for policy to say.
        return knows || mechanism == ExternalClient.Name || Shows(input);

        // The octets of SASL are damaged, or the base64 they go in, or a line is another one altogether.
        string Encode(byte[] response)
        {
            var octets = isDamaged && random.Next(3) == 0 ? Mutation.Mutate(response, ",=anrcpy\0\x01 "u8, random) : response;
            var text = Convert.ToBase64String(octets);
            if (!isDamaged || random.Next(3) > 0)
                return text;
            return random.Next(3) switch
            {
                0 => lines[random.Next(lines.Length)],
                1 => text + new string('A', random.Next(20_000)),
                _ => Encoding.Latin1.GetString(Mutation.Mutate(Encoding.Latin1.GetBytes(text), "=+/ *"u8, random)).ReplaceLineEndings(""),
            };
        }
    }

    // Some of the lines that are played at random log in without any secret.
    private static bool Shows(List<byte> input) => Encoding.Latin1.GetString([.. input]).Contains("AUTH EXTERNAL", StringComparison.Ordinal);

    private static string Say(SessionDriver server, List<byte> input, ReadOnlySpan<byte> line)
    {
        byte[] octets = [.. line, .. "\r\n"u8];
        input.AddRange(octets);
        var before = server.Transcript.Length;
        server.Feed(octets);
        return server.Transcript[before..].TrimEnd('\r', '\n');
    }
}
