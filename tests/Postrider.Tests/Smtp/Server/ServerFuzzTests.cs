using System.Text;
using Postrider.Conformance.Dialogues;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Server;

namespace Postrider.Tests.Smtp.Server;

/// <summary>
/// Random and mutated input to the session and the parser: no exception, no hang, nothing hoarded, only
/// well-formed replies, and the same ones however the input is cut.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ServerFuzzTests
{
    private static readonly string[] pieces =
    [
        "EHLO c.example\r\n", "HELO c\r\n", "MAIL FROM:<a@example.com>\r\n", "MAIL FROM:<>\r\n", "MAIL FROM:<a@b> SIZE=10 BODY=8BITMIME SMTPUTF8\r\n",
        "RCPT TO:<b@example.org>\r\n", "RCPT TO:<\"q q\"@[IPv6:::1]>\r\n", "RCPT TO:<@a,@b:c@d>\r\n", "DATA\r\n", "BDAT 6\r\n", "BDAT 9 LAST\r\n", "BDAT 0 LAST\r\n", "BDAT 70\r\n", "MAIL FROM:<a@b> BODY=BINARYMIME\r\n",
        "MAIL FROM:<a@b> HOLDFOR=60\r\n", " HOLDUNTIL=2030-01-01T00:00:00Z", " BY=-60;NT", "MAIL FROM:<> BY=60;R\r\n", "MAIL FROM:<> MT-PRIORITY=-9\r\n", "RSET\r\n", "NOOP\r\n", "HELP\r\n",
        "HELP MAIL\r\n", "VRFY é SMTPUTF8\r\n", "VRFY x\r\n", "FOO bar\r\n", "\r\n", ".\r\n", "\r\n.\r\n", "..\r\n", "Subject: x\r\n\r\nbody\r\n", "\r", "\n", "\0",
        ".", "\r\n.\r", "\n.\n", "<", ">", "@", "\"", "\\", " ", ":", "=", "é", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ];

    private static readonly string[] addressPieces =
        ["a", "b.c", "x-y", "1", ".", "-", "\"q\"", "\"a b\"", "\"\\\"\"", "\"", "\\", "@", "[1.2.3.4]", "[IPv6:1::]", "[", "]", ":", "@r:", "@r,", " ", "é", "例", "\0", "+"];

    private static readonly ServerSettings[] settings =
    [
        new() { Hostname = "mx.example.org" },
        new() { Hostname = "mx.example.org", Extensions = SmtpExtensions.Standard.With(new FutureReleaseExtension(TimeSpan.FromDays(1))).With(new DeliverByExtension(TimeSpan.Zero)).With(new MtPriorityExtension(null, static _ => 3)) },
        new()
        {
            Hostname = "mx.example.org",
            Limits = new ServerLimits { CommandLine = 64, MessageSize = 200, HeaderSize = 100, Recipients = 2, Errors = 5, IdleCommands = 5 },
            Content = new ContentPolicy { RefuseNul = true },
        },
        new() { Hostname = "mx.example.org", Extensions = SmtpExtensions.None, Limits = new ServerLimits { Errors = 1000, IdleCommands = 1000 } },
    ];

    [Fact]
    public void The_session_bears_any_input()
    {
        var scripts = DialogueFiles.Names.Select(name => DialogueFiles.Read(name).ClientOctets).ToArray();
        Fuzzing.Repeat(random =>
        {
            var input = random.Next(3) == 0 ? Mutation.Mutate(scripts[random.Next(scripts.Length)], "\r\n.\0<>@ "u8, random) : Compose(random);
            Check(input, settings[random.Next(settings.Length)], random);
        });
    }

    [Fact]
    public void The_address_parser_bears_any_input_and_prints_what_reads_back()
    {
        var read = 0;
        Fuzzing.Repeat(Run, times: 4);
        Assert.True(read > Fuzzing.Rounds / 20, $"Only {read} addresses were right.");

        void Run(Random random)
        {
            var path = new StringBuilder("<");
            for (var count = random.Next(1, 4); count > 0; count--)
                path.Append(addressPieces[random.Next(addressPieces.Length)]);
            path.Append('@');
            for (var count = random.Next(1, 4); count > 0; count--)
                path.Append(addressPieces[random.Next(addressPieces.Length)]);
            var text = Encoding.UTF8.GetBytes(path.Append('>').ToString());
            if (random.Next(3) == 0)
                text[random.Next(text.Length)] = (byte)random.Next(256);
            Assert.True(AddressParser.TryParseReversePath(text, AddressLimits.Rfc5321, out var reverse, out var length, out var error)
                ? error == default && length <= text.Length
                : error.Fault != AddressFault.None && error.Offset <= text.Length);
            if (error != default || reverse.IsNull)
                return;
            read++;
            Assert.True(AddressParser.TryParseMailbox(reverse.ToString(), out var again, out error), error.ToString());
            Assert.Equal(reverse.Mailbox, again);
        }
    }

    private static void Check(byte[] input, ServerSettings settings, Random random)
    {
        var policy = Policy(random);
        var whole = new SessionDriver(settings, policy);
        whole.Feed(input);
        var cut = new SessionDriver(settings, policy);
        // What may be held back is a command line at most: memory is bounded by the limits, not by the peer.
        var held = settings.Limits.CommandLine + settings.Extensions.CommandLineIncrease;
        for (var at = 0; at < input.Length;)
        {
            var length = Math.Min(random.Next(1, 40), input.Length - at);
            cut.Feed(input.AsSpan(at, length));
            at += length;
            if (!cut.IsClosed && cut.Unconsumed > held)
                throw new InvalidOperationException($"{cut.Unconsumed} octets are held back.");
        }

        if (whole.Transcript != cut.Transcript || whole.IsClosed != cut.IsClosed || whole.Messages.Count != cut.Messages.Count)
            throw new InvalidOperationException($"The cut shows: {whole.Transcript} / {cut.Transcript}");
        CheckReplies(whole.Transcript);
        foreach (var message in whole.Messages)
        {
            if (message.Facts.Length != message.Content.Length || ((message.Facts.HasBareCr || message.Facts.HasBareLf) && message.Envelope.Body != BodyType.BinaryMime))
                throw new InvalidOperationException($"A message with {message.Facts}.");
        }
    }

    // RFC 5321 §4.2: lines of a code, a space or hyphen, and text; the lines of one reply have one code.
    private static void CheckReplies(string transcript)
    {
        var open = "";
        foreach (var line in transcript.Split("\r\n")[..^1])
        {
            if (line.Length < 4 || line.Length > 510 || line[0] is < '2' or > '5' || !char.IsAsciiDigit(line[1]) || !char.IsAsciiDigit(line[2])
                || line[3] is not (' ' or '-') || !Ascii.IsValid(line) || line.AsSpan().ContainsAny('\r', '\n', '\0')
                || (open.Length > 0 && open != line[..3]))
            {
                throw new InvalidOperationException($"Not a reply: {line}");
            }
            open = line[3] == '-' ? line[..3] : "";
        }
        if (open.Length > 0 || !transcript.EndsWith("\r\n", StringComparison.Ordinal))
            throw new InvalidOperationException($"An unfinished reply: {transcript}");
    }

    private static ScriptedPolicy Policy(Random random)
    {
        var policy = new ScriptedPolicy();
        switch (random.Next(8))
        {
            case 0: policy.Add("rcpt b@example.org 550 5.1.1 No"); break;
            case 1: policy.Add("end * 451 4.3.0 Later"); break;
            case 2: policy.Add("body 20 452 4.3.1 Full"); break;
            case 3: policy.Add("data * 421 4.3.0 Gone"); break;
        }
        return policy;
    }

    private static byte[] Compose(Random random)
    {
        var input = new List<byte>();
        if (random.Next(4) > 0)
            input.AddRange("EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\n"u8);
        for (var count = random.Next(1, 30); count > 0; count--)
        {
            if (random.Next(30) == 0)
                input.Add((byte)random.Next(256));
            else
                input.AddRange(Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
        }
        return [.. input];
    }
}
