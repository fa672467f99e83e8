using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Tls;

namespace Postrider.Tests.Smtp.Client;

/// <summary>
/// Plays a dialogue of <c>Dialogues/Client</c> against a client session. A line is one of:
/// <c>S: line</c> the server says; <c>S| text</c> the same, raw, with \r \n \t \x escapes; <c>C: line</c> the client must say;
/// <c>SEND from -> to to … [8bit] [binary] [utf8] [requiretls] [size=N] [mode=M] [hold=seconds] [until=time] [by=seconds;MT] [priority=N]</c>, <c>BODY</c> (asked for, and sent), <c>QUIT</c> the owner does;
/// <c>TURN</c> and <c>ATRN [domain]…</c> too; <c>REPLIED code status text</c> and <c>TURNED</c> say what came of it;
/// <c>BLOCK text</c> and <c>LAST text</c> send a part of the content and its end, escaped, and check nothing else: what goes out is read by <c>C:</c>;
/// <c>TLS [trusted] [named]</c> a handshake succeeds, <c>NOTLS reason</c> it fails;
/// <c>EOF</c>, <c>TIMEOUT</c>, <c>CANCEL</c> happen; <c>WAITS deadline</c>, <c>READY</c>, <c>SECRET</c>, <c>UPGRADES</c>, <c>RESULT to verdict code status text [(flags)]</c>,
/// <c>ANSWERED yes|no</c>, <c>CLOSED kind code status text</c> must be so. <c>OPTION name[=value]</c> comes first;
/// <c>OPTION Whole</c> says that the dialogue depends on what arrives together.
/// </summary>
internal sealed class ClientDialogue
{
    private readonly List<(string Verb, string Argument, int Line)> actions = [];
    private ImmutableArray<string> etrn = [];
    private string? asked;
    private ClientSettings settings = new() { HelloName = "client.example" };

    public bool IsWhole { get; private set; }

    public static ClientDialogue Parse(string text)
    {
        var dialogue = new ClientDialogue();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (verb, argument) = space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
            switch (verb)
            {
                case "OPTION":
                    dialogue.SetOption(argument);
                    break;
                case "S:":
                    dialogue.Add("S", argument + "\r\n", number);
                    break;
                case "S|":
                    dialogue.Add("S", Unescape(argument), number);
                    break;
                default:
                    dialogue.Add(verb, argument, number);
                    break;
            }
        }
        return dialogue;
    }

    public void Play(Func<int, int> cut)
    {
        // What keeps its replies serves one session.
        var own = etrn.IsEmpty ? settings : settings with { Extensions = settings.Extensions.Add(new EtrnClientExtension(etrn)) };
        if (asked is not null)
            own = own with { Extensions = own.Extensions.Add(new AskedCommand(asked.Split(' ')[0], asked[(asked.IndexOf(' ', StringComparison.Ordinal) + 1)..])) };
        var session = new ClientSession(own);
        var player = new Player(session, own, cut);
        player.Feed("");
        foreach (var (verb, argument, line) in actions)
        {
            try
            {
                player.Do(verb, argument);
            }
            catch (Xunit.Sdk.XunitException failure)
            {
                throw new InvalidOperationException($"Line {line}, '{verb} {argument.TrimEnd()}': {failure.Message}", failure);
            }
        }
        Assert.True(player.Unread.Length == 0, $"The client also said: {player.Unread}");
    }

    // What the server says in one go arrives together unless it is cut.
    private void Add(string verb, string argument, int line)
    {
        if (verb == "S" && actions is [.., ("S", var before, var first)])
            actions[^1] = ("S", before + argument, first);
        else
            actions.Add((verb, argument, line));
    }

    private void SetOption(string option)
    {
        var parts = option.Split('=');
        switch (parts[0])
        {
            case "Whole":
                IsWhole = true;
                break;
            case "SendEightBitAnyway":
                settings = settings with { SendEightBitAnyway = true };
                break;
            case "MaxGroupOctets":
                settings = settings with { Limits = settings.Limits with { MaxGroupOctets = int.Parse(parts[1], CultureInfo.InvariantCulture) } };
                break;
            case "Chunks":
                settings = settings with { Extensions = [.. settings.Extensions.Select(static extension => extension is ChunkingClientExtension ? new ChunkingClientExtension(forAll: true) : extension)] };
                break;
            case "Etrn":
                etrn = [.. parts[1].Split(',')];
                break;
            case "Ask":
                asked = parts[1];
                break;
            case "Tls":
                settings = settings with { Extensions = settings.Extensions.Insert(0, new StartTlsClientExtension(Enum.Parse<TlsDemand>(parts[1]))) };
                break;
            case "User":
                // user:password, over a connection that stays on this machine where a third part says so.
                var credential = parts[1].Split(':');
                settings = settings with
                {
                    Extensions = settings.Extensions.Add(new AuthClientExtension(
                        new PasswordCredential(credential[0], credential[1]), "mx.example", 25, credential.Length > 2, octets => octets.Clear())),
                };
                break;
            case "Relay":
                var relay = parts[1].Split(':');
                settings = settings with
                {
                    Extensions = settings.Extensions.Add(new AuthClientExtension(
                        new CramMd5Credential(relay[0], relay[1]), "mx.example", 366, isLoopback: true, octets => octets.Clear())),
                };
                break;
            case "Token":
                settings = settings with
                {
                    Extensions = settings.Extensions.Add(new AuthClientExtension(
                        new TokenCredential("user@example", parts[1] == "long" ? new string('t', 500) : parts[1]), "mx.example", 25, isLoopback: true, octets => octets.Clear())),
                };
                break;
            case "XStage":
                settings = settings with { Extensions = [.. settings.Extensions, new StageExtension()] };
                break;
            default:
                throw new InvalidOperationException($"No option {option}.");
        }
    }

    private static string Unescape(string text)
    {
        text = text.Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\0", "\0", StringComparison.Ordinal);
        // \*N repeats the character before it N times.
        var star = text.IndexOf("\\*", StringComparison.Ordinal);
        if (star < 0)
            return text;
        var end = star + 2;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        return text[..(star - 1)] + new string(text[star - 1], int.Parse(text[(star + 2)..end], CultureInfo.InvariantCulture)) + text[end..];
    }

    private sealed class Player(ClientSession session, ClientSettings settings, Func<int, int> cut)
    {
        private readonly ArrayBufferWriter<byte> commands = new();
        private readonly Queue<TransactionResult> results = new();
        private Envelope? envelope;
        private ClientStep last;

        public string Unread { get; private set; } = "";

        public void Do(string verb, string argument)
        {
            switch (verb)
            {
                case "S":
                    Feed(argument);
                    break;
                case "C:":
                    var end = Unread.IndexOf("\r\n", StringComparison.Ordinal);
                    Assert.True(end >= 0, $"the client said nothing, it is at {last}");
                    Assert.Equal(argument, Unread[..end]);
                    Unread = Unread[(end + 2)..];
                    break;
                case "SEND":
                    Send(argument);
                    break;
                case "BODY":
                    Assert.Equal(ClientStepKind.SendBody, last.Kind);
                    session.BodySent();
                    Feed("");
                    break;
                case "BLOCK":
                case "LAST":
                    SendBlock(Unescape(argument), verb == "LAST");
                    break;
                case "TLS":
                    session.TlsEstablished(MakeFacts(argument));
                    Feed("");
                    break;
                case "NOTLS":
                    Assert.Equal(ClientStepKind.UpgradeTls, last.Kind);
                    session.Abandon(EndingKind.HandshakeFailed, argument);
                    Feed("");
                    break;
                case "UPGRADES":
                    Assert.Equal(ClientStepKind.UpgradeTls, last.Kind);
                    break;
                case "QUIT":
                    session.Quit();
                    Feed("");
                    break;
                case "TURN":
                    session.Turn(null);
                    Feed("");
                    break;
                case "ATRN":
                    session.Turn(argument.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                    Feed("");
                    break;
                case "TURNED":
                    Assert.Equal(ClientStepKind.Turned, last.Kind);
                    break;
                case "REPLIED":
                    Assert.Equal(argument, $"{session.TurnReply!.Code} {session.TurnReply.Enhanced} {session.TurnReply.Lines[0]}");
                    break;
                case "EOF":
                    session.Abandon(EndingKind.Lost);
                    Feed("");
                    break;
                case "TIMEOUT":
                    session.Abandon(EndingKind.TimedOut);
                    Feed("");
                    break;
                case "CANCEL":
                    session.Abandon(EndingKind.Cancelled);
                    Feed("");
                    break;
                case "WAITS":
                    Assert.Equal(ClientStepKind.NeedInput, last.Kind);
                    Assert.Equal(argument, last.Deadline.ToString());
                    break;
                case "SECRET":
                    Assert.True(last.IsSecret);
                    break;
                case "READY":
                    Assert.False(last.IsSecret);
                    Assert.Equal(ClientStepKind.Ready, last.Kind);
                    break;
                case "RESULT":
                    Assert.True(results.Count > 0, $"no transaction is over, it is at {last}");
                    Assert.Contains(argument, Describe(results.Peek()), StringComparer.Ordinal);
                    break;
                case "ANSWERED":
                    Assert.Equal(argument == "yes", results.Peek().WasAnswered);
                    break;
                case "CLOSED":
                    Assert.Equal(ClientStepKind.Closed, last.Kind);
                    Assert.Equal(argument, $"{session.Ending!.Kind} {session.Ending.ReplyCode} {session.Ending.Enhanced} {session.Ending.Text}");
                    break;
                default:
                    throw new InvalidOperationException($"No verb {verb}.");
            }
        }

        public void Feed(string text)
        {
            var octets = Encoding.Latin1.GetBytes(text);
            var start = 0;
            do
            {
                var end = start + (octets.Length > start ? cut(octets.Length - start) : 0);
                while (true)
                {
                    last = session.Advance(octets.AsSpan(start, end - start), commands);
                    start += last.Consumed;
                    Unread += Encoding.UTF8.GetString(commands.WrittenSpan);
                    commands.ResetWrittenCount();
                    if (last.Kind == ClientStepKind.TransactionDone)
                        results.Enqueue(session.Result!);
                    else if (last.Kind == ClientStepKind.Work)
                        Work();
                    else if (start == end)
                        break;
                    // What was fed behind STARTTLS in another read stays with the network, and TLS reads it.
                    else if (last.Kind == ClientStepKind.UpgradeTls)
                        throw new InvalidOperationException("The script has the server speak during the handshake.");
                }
            }
            while (start < octets.Length);
        }

        private void Work()
        {
            session.Work!();
            session.WorkDone();
        }

        private void SendBlock(string text, bool isLast)
        {
            Assert.Equal(ClientStepKind.SendBody, last.Kind);
            var framing = session.Framing;
            var buffer = new byte[framing.BufferFor(text.Length)];
            Assert.InRange(framing.RoomIn(buffer.Length), text.Length - 2, text.Length);
            Encoding.Latin1.GetBytes(text, buffer.AsSpan(framing.HeadLength));
            Unread += Encoding.Latin1.GetString(buffer[framing.Frame(buffer, text.Length, isLast)]);
            if (isLast)
                session.BodySent();
            Feed("");
        }

        private static TlsFacts MakeFacts(string flags) => new()
        {
            Protocol = "TLSv1.3",
            CipherSuite = "TLS_AES_256_GCM_SHA384",
            PeerCertificate = new TlsPeerCertificate
            {
                Subject = "CN=mx.example",
                Fingerprint = new string('0', 64),
                Names = ["mx.example"],
                IsTrusted = flags.Contains("trusted", StringComparison.Ordinal),
                NamesHost = flags.Contains("named", StringComparison.Ordinal),
            },
        };

        private void Send(string argument)
        {
            var words = argument.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] wishes = ["hold=", "until=", "by=", "priority="];
            string? Wish(string name) => words.FirstOrDefault(word => word.StartsWith(name, StringComparison.Ordinal))?[name.Length..];
            var by = Wish("by=")?.Split(';');
            var flags = words.Where(word => word is "8bit" or "binary" or "utf8" or "requiretls" || word.StartsWith("size=", StringComparison.Ordinal) || word.StartsWith("mode=", StringComparison.Ordinal) || wishes.Any(wish => word.StartsWith(wish, StringComparison.Ordinal))).ToList();
            envelope = new Envelope
            {
                ReversePath = new ReversePath(words[0] == "<>" ? null : ParseMailbox(words[0])),
                Recipients = [.. words.Skip(2).Except(flags, StringComparer.Ordinal).Select(word => new EnvelopeRecipient(ParseMailbox(word)))],
                Body = flags.Contains("binary") ? BodyType.BinaryMime : flags.Contains("8bit") ? BodyType.EightBitMime : BodyType.SevenBit,
                SmtpUtf8 = flags.Contains("utf8"),
                Tls = flags.Contains("requiretls") ? TlsWish.Required : TlsWish.Unspecified,
                Mode = flags.FirstOrDefault(flag => flag.StartsWith("mode=", StringComparison.Ordinal)) is { } mode ? Enum.Parse<DeliveryMode>(mode[5..]) : DeliveryMode.Mailbox,
                Release = Wish("hold=") is { } hold ? new FutureRelease { After = TimeSpan.FromSeconds(int.Parse(hold, CultureInfo.InvariantCulture)) }
                    : Wish("until=") is { } until ? new FutureRelease { At = DateTimeOffset.Parse(until, CultureInfo.InvariantCulture) }
                    : null,
                DeliverBy = by is null ? null : new DeliverBy(TimeSpan.FromSeconds(int.Parse(by[0], CultureInfo.InvariantCulture)), by[1][0] == 'R', by[1].Length > 1),
                Priority = Wish("priority=") is { } priority ? sbyte.Parse(priority, CultureInfo.InvariantCulture) : null,
            };
            var size = flags.FirstOrDefault(flag => flag.StartsWith("size=", StringComparison.Ordinal)) is { } sized ? long.Parse(sized[5..], CultureInfo.InvariantCulture) : 100;
            if (results.Count > 0)
                results.Dequeue();
            session.Begin(new ClientTransaction(envelope, size, flags.Contains("8bit"), settings));
            Feed("");
        }

        private static Mailbox ParseMailbox(string text)
        {
            text = Unescape(text);
            var at = text.LastIndexOf('@');
            return at < 0 ? new Mailbox(text, "") : new Mailbox(text[..at], text[(at + 1)..]);
        }

        private List<string> Describe(TransactionResult result)
        {
            Assert.Equal(envelope!.Recipients.Length, result.Recipients.Length);
            return [.. result.Recipients.Select((r, i) =>
                $"{envelope.Recipients[i].Mailbox.LocalPart} {r.Verdict} {r.ReplyCode} {r.Enhanced} {r.Text}{(r.MayHaveArrived ? " (may have arrived)" : "")}{(r.IsUndecided ? " (undecided)" : "")}")];
        }
    }

    /// <summary>An extension that holds a dialogue of two commands before MAIL and marks each recipient.</summary>
    private sealed class StageExtension : ClientExtension
    {
        public override string Keyword => "XSTAGE";

        public override ClientStage? BeforeMail(PeerCapabilities peer) => new TwoCommands();

        public override void WriteRecipientParameters(EnvelopeRecipient recipient, IBufferWriter<byte> command) =>
            command.Write(" XSTAGE=1"u8);

        private sealed class TwoCommands : ClientStage
        {
            private bool second;

            public override void Start(IBufferWriter<byte> commands) => commands.Write("XSTAGE ONE\r\n"u8);

            public override StageStep Continue(Postrider.Smtp.Replies.ReplyParser reply, IBufferWriter<byte> commands)
            {
                if (second || reply.Code >= 400)
                    return StageStep.Done;
                second = true;
                commands.Write("XSTAGE TWO\r\n"u8);
                return StageStep.GoesOn;
            }
        }
    }
}
