using System.Buffers;
using System.Globalization;
using System.Text;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Tls;

namespace Postrider.Tests.Smtp.Client;

/// <summary>
/// Servers that say anything at any time: no exception, no endless loop, exactly one result for each
/// recipient, and Accepted only where the server did accept after the end of the message.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ClientFuzzTests
{
    private const string Secret = "s3cret-s3cret";

    // A right first message of SCRAM, for a nonce of zeros.
    private static readonly string ServerFirst =
        $"334 {Convert.ToBase64String(Encoding.ASCII.GetBytes(new string('A', 32).Insert(0, "r=") + "x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))}\r\n";

    private static readonly PasswordCredential Credential = new("timothy", Secret);

    private static readonly string[] HelloReplies =
    [
        "250-x\r\n250-PIPELINING\r\n250 SIZE 5000\r\n", "250-x\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n", "250-x\r\n250-STARTTLS\r\n250-CHUNKING\r\n250 BINARYMIME\r\n",
        "250-x\r\n250 AUTH PLAIN\r\n", "250-x\r\n250 AUTH LOGIN SCRAM-SHA-256\r\n", "250-x\r\n250-STARTTLS\r\n250 AUTH LOGIN\r\n",
    ];

    private static readonly string[] AuthReplies = ["235 2.7.0 in\r\n", "235 in\r\n", "334 \r\n", "334 VXNlcm5hbWU6\r\n", ServerFirst, "535 5.7.8 no\r\n"];

    private static readonly string[] Pieces =
    [
        "220 hi\r\n", "250 ok\r\n", "250 2.0.0 ok\r\n", .. HelloReplies, .. AuthReplies,
        "354 go\r\n", "421 4.3.2 bye\r\n", "450 later\r\n", "452 4.5.3 many\r\n", "500 what\r\n", "550 5.1.1 no\r\n", "552 big\r\n", "221 bye\r\n",
        "334 !\r\n", "454 4.7.0 later\r\n", "250-", "2", "\r\n", "\n", "xyz", "250 ok\n", "999 x\r\n", "550-a\r\n551 b\r\n", "\0", "521 never\r\n",
    ];

    [Fact]
    public void Whatever_the_server_says_each_recipient_gets_one_result() => Fuzzing.Repeat(Run);

    [Fact]
    public void The_parser_bears_any_bytes() => Fuzzing.Repeat(Parse);

    private static void Parse(Random random)
    {
        var parser = new ReplyParser(512, 1024);
        var octets = new byte[random.Next(1, 60)];
        for (var i = 0; i < octets.Length; i++)
            octets[i] = random.Next(4) == 0 ? (byte)random.Next(256) : (byte)"250- .\r\n"[random.Next(8)];
        var start = 0;
        while (start < octets.Length)
        {
            var end = random.Next(start + 1, octets.Length + 1);
            var parse = parser.Read(octets.AsSpan(start, end - start), out var consumed);
            Assert.InRange(consumed, 0, end - start);
            if (parse == ReplyParse.Malformed)
                break;
            Assert.True(parse == ReplyParse.Complete || consumed == end - start);
            if (parse == ReplyParse.Complete)
                Assert.DoesNotContain(parser.ToText(), char.IsControl);
            start += consumed;
        }
    }

    private static void Run(Random random)
    {
        var demand = (TlsDemand)random.Next(4);
        var authenticates = random.Next(3) == 0;
        var isIn = false;
        var settings = new ClientSettings
        {
            HelloName = "client.example",
            Extensions =
            [
                new StartTlsClientExtension(demand),
                .. authenticates ? new[] { new AuthClientExtension(Credential, "mx.example", 25, isLoopback: true, static nonce => nonce.Clear()) } : [],
                .. ClientExtension.Standard,
            ],
            Limits = new ClientLimits { MaxGroupOctets = random.Next(1, 300), MaxReplyLineOctets = 512, MaxReplyOctets = 1024 },
        };
        var session = new ClientSession(settings);
        var commands = new ArrayBufferWriter<byte>();
        var input = Array.Empty<byte>();
        var step = session.Advance([], commands);
        int? open = null;
        var bodySent = false;
        var wishes = 0;
        for (var turn = 0; turn < 60; turn++)
        {
            switch (step.Kind)
            {
                case ClientStepKind.Ready when wishes++ < 3:
                    Assert.Null(open);
                    if (random.Next(6) == 0)
                    {
                        session.Quit();
                        break;
                    }
                    open = random.Next(1, 5);
                    bodySent = false;
                    session.Begin(new ClientTransaction(MakeEnvelope(random, open.Value), random.Next(8000), random.Next(4) == 0, settings));
                    break;
                case ClientStepKind.UpgradeTls:
                    // What came behind the reply to STARTTLS in one piece has ended the session; the rest is not SMTP.
                    input = [];
                    if (random.Next(4) == 0)
                        session.Abandon(EndingKind.HandshakeFailed);
                    else
                        session.TlsEstablished(MakeFacts(random));
                    break;
                case ClientStepKind.Work:
                    if (random.Next(4) == 0)
                        session.Abandon(EndingKind.Cancelled);
                    else
                        session.Work!();
                    session.WorkDone();
                    break;
                case ClientStepKind.SendBody when random.Next(3) == 0:
                    var buffer = new byte[session.Framing.BufferFor(10)];
                    _ = session.Framing.Frame(buffer, 10, isLast: false);
                    break;
                case ClientStepKind.SendBody when random.Next(3) > 0:
                    session.BodySent();
                    bodySent = true;
                    break;
                case ClientStepKind.TransactionDone:
                    Check(session.Result!, open!.Value, bodySent);
                    if (session.Result!.WasAnswered)
                        Assert.True(demand < TlsDemand.Required || session.Tls is not null);
                    if (session.Result.WasAnswered && demand == TlsDemand.Verified)
                        Assert.True(session.Tls!.PeerCertificate is { IsTrusted: true, NamesHost: true });
                    open = null;
                    break;
                case ClientStepKind.Closed:
                    Assert.Null(open);
                    Assert.NotNull(session.Ending);
                    return;
                default:
                    if (random.Next(20) == 0)
                        session.Abandon((EndingKind)random.Next((int)EndingKind.Lost, (int)EndingKind.Cancelled + 1));
                    else
                        input = [.. input, .. Say(random, commands.WrittenSpan)];
                    break;
            }
            isIn |= input.AsSpan().IndexOf("235"u8) >= 0;
            commands.ResetWrittenCount();
            step = session.Advance(input, commands);
            AssertCommands(commands.WrittenSpan);
            Assert.False(authenticates && !isIn && commands.WrittenSpan.StartsWith("MAIL"u8));
            Assert.DoesNotContain(Secret, session.Ending?.Text ?? "", StringComparison.Ordinal);
            input = input[step.Consumed..];
        }
    }

    // Usually a server that answers, sometimes one that answers wrongly, sometimes noise.
    private static byte[] Say(Random random, ReadOnlySpan<byte> commands)
    {
        var said = new StringBuilder();
        if (random.Next(3) > 0)
        {
            foreach (var line in Encoding.UTF8.GetString(commands).Split("\r\n"))
            {
                said.Append(line switch
                {
                    "" => "",
                    _ when random.Next(8) == 0 => Pieces[random.Next(Pieces.Length)],
                    "DATA" => "354 go\r\n",
                    "STARTTLS" => "220 go\r\n",
                    _ when line.StartsWith("AUTH", StringComparison.Ordinal) || IsBase64(line) => AuthReplies[random.Next(AuthReplies.Length)],
                    _ when line.StartsWith("EHLO", StringComparison.Ordinal) => HelloReplies[random.Next(HelloReplies.Length)],
                    _ => "250 ok\r\n",
                });
            }
        }
        if (said.Length == 0)
            said.Append(random.Next(2) == 0 ? "250 ok\r\n" : Pieces[random.Next(Pieces.Length)]);
        return Encoding.Latin1.GetBytes(said.ToString());
    }

    // A response of SASL: no verb is so long, and none is empty.
    private static bool IsBase64(string line) => line.Length is 0 or >= 8 && !line.Contains(' ', StringComparison.Ordinal) && line != "STARTTLS";

    private static Envelope MakeEnvelope(Random random, int recipients) => new()
    {
        ReversePath = random.Next(3) == 0 ? ReversePath.Null : new ReversePath(new Mailbox("a", random.Next(9) == 0 ? "x\r\ny" : "x.example")),
        Recipients = [.. Enumerable.Range(0, recipients).Select(i => new EnvelopeRecipient(new Mailbox(
            random.Next(9) == 0 ? "\u00fc" : "r" + i.ToString(CultureInfo.InvariantCulture),
            random.Next(9) == 0 ? "bad domain" : "y.example")))],
        SmtpUtf8 = random.Next(9) == 0,
        Body = random.Next(4) == 0 ? BodyType.BinaryMime : BodyType.SevenBit,
    };

    private static TlsFacts MakeFacts(Random random) => new()
    {
        Protocol = "TLSv1.3",
        CipherSuite = "TLS_AES_256_GCM_SHA384",
        PeerCertificate = random.Next(4) == 0 ? null : new TlsPeerCertificate
        {
            Subject = "CN=mx.example",
            Fingerprint = new string('0', 64),
            IsTrusted = random.Next(4) > 0,
            NamesHost = random.Next(4) > 0,
        },
    };

    private static void Check(TransactionResult result, int recipients, bool bodySent)
    {
        Assert.Equal(recipients, result.Recipients.Length);
        foreach (var recipient in result.Recipients)
        {
            Assert.NotEqual(RecipientVerdict.Open, recipient.Verdict);
            Assert.False(recipient.Enhanced.IsNone);
            Assert.Equal(recipient.Verdict switch { RecipientVerdict.Accepted => 2, RecipientVerdict.Failed => 5, _ => 4 }, recipient.Enhanced.Class);
            Assert.NotNull(recipient.Text);
            Assert.True(bodySent || (recipient.Verdict != RecipientVerdict.Accepted && !recipient.MayHaveArrived));
        }
    }

    private static void AssertCommands(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty)
            return;
        var text = Encoding.UTF8.GetString(octets);
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        foreach (var line in text[..^2].Split("\r\n"))
        {
            Assert.DoesNotContain(line, char.IsControl);
            if (line == "*" || IsBase64(line))
                continue;
            Assert.Contains(line.Split(' ')[0], (string[])["AUTH", "EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "QUIT", "STARTTLS", "."], StringComparer.Ordinal);
        }
    }
}
