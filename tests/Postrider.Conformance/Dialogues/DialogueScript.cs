using System.Globalization;
using System.Text;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Server;
using Postrider.Smtp.Tls;

namespace Postrider.Conformance.Dialogues;

/// <summary>
/// A dialogue as a text file, which a bug report can be pasted into. Each line is one of:
/// <code>
/// # any remark
/// # policy: rcpt no-such@example.org 550 5.1.1 No such user   how policy answers (see ScriptedPolicy)
/// # uncut                                                    cut in other places it would be another dialogue
/// # settings: hostname=mx.example.org recipients=2             limits and extensions of the server
/// # peer: address=192.0.2.1 tls=TLSv1.3 endpoint=0A0B        what is known of the peer
/// C: EHLO client.example        the client sends the line and CR LF
/// R: MAIL FROM:&lt;a\x00b&gt;\r\n     the client sends exactly this; \r \n \t \0 \\ \xNN are escapes
/// S: 250 2.1.0 Sender OK        the server says this line
/// E: from=&lt;a@b&gt; to=&lt;c@d&gt; ...  the envelope of the next message put to policy
/// M: Subject: test              its content: one line, and CR LF
/// T: timeout                    the time limit runs out (or: shutdown, hangup, tls: the handshake is done)
/// S: &lt;turn&gt;                     the roles change, and the server is done with the connection
/// S: &lt;close&gt;                    the server closes, having said all this
/// </code>
/// </summary>
public sealed class DialogueScript
{
    private readonly List<(int Number, char Kind, string Text)> lines = [];

    private DialogueScript(string name) => Name = name;

    /// <summary>What errors call it.</summary>
    public string Name { get; }

    /// <summary>The server's settings that it asks for.</summary>
    public ServerSettings Settings { get; private set; } = new() { Hostname = "mx.example.org" };

    /// <summary>What is known of the peer.</summary>
    public SessionFacts Peer { get; private set; } = new();

    /// <summary>Whether the same is said however the client's octets are cut.</summary>
    public bool CanBeCut { get; private set; } = true;

    /// <summary>How policy answers.</summary>
    public ScriptedPolicy Policy { get; } = new();

    /// <summary>Reads a script.</summary>
    /// <exception cref="FormatException">A line is not understood; the message names it.</exception>
    public static DialogueScript Parse(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var script = new DialogueScript(name);
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.StartsWith("# policy: ", StringComparison.Ordinal))
                script.Policy.Add(line[10..]);
            else if (line == "# uncut")
                script.CanBeCut = false;
            else if (line.StartsWith("# settings: ", StringComparison.Ordinal))
                script.Settings = ReadSettings(line[12..], script.Settings);
            else if (line.StartsWith("# peer: ", StringComparison.Ordinal))
                script.Peer = ReadPeer(line[8..], script.Peer);
            else if (line.Length >= 2 && line[1] == ':' && line[0] is 'C' or 'R' or 'S' or 'E' or 'M' or 'T')
                script.lines.Add((number, line[0], line.Length > 3 ? line[3..] : ""));
            else if (line.Length > 0 && line[0] != '#')
                throw new FormatException($"{name}:{number}: not a line of a dialogue: {line}");
        }
        return script;
    }

    /// <summary>Plays it, one line of the client at a time, and compares all that comes back.</summary>
    /// <returns>The session when all is said.</returns>
    /// <exception cref="InvalidOperationException">Something else came; the message names the line.</exception>
    public SessionDriver Play()
    {
        var driver = new SessionDriver(Settings, Policy, Peer);
        var said = 0;
        var message = -1;
        var content = 0;
        foreach (var (number, kind, text) in lines.Append((lines.Count == 0 ? 0 : lines[^1].Number, '#', "")))
        {
            // Content that is compared at all is compared to its end.
            if (kind != 'M' && content > 0)
            {
                Compare(number, "", Encoding.UTF8.GetString(driver.Messages[message].Content[content..]));
                content = 0;
            }
            switch (kind)
            {
                case 'S' when text is "<close>" or "<turn>":
                    Compare(number, (true, text == "<turn>"), (driver.IsClosed, driver.IsTurned));
                    Compare(number, "", driver.Transcript[said..]);
                    break;
                case 'S':
                    var end = driver.Transcript.IndexOf("\r\n", said, StringComparison.Ordinal);
                    Compare(number, text, end < 0 ? "(nothing)" : driver.Transcript[said..end]);
                    said = end + 2;
                    break;
                case 'E':
                    message++;
                    Compare(number, text, message < driver.Messages.Count ? driver.Messages[message].Describe() : "(no message)");
                    break;
                case 'M':
                    var octets = Encoding.UTF8.GetBytes(text + "\r\n");
                    var rest = driver.Messages[message].Content.AsSpan(content);
                    Compare(number, text, Encoding.UTF8.GetString(rest[..Math.Min(octets.Length, rest.Length)]).TrimEnd('\r', '\n'));
                    content += octets.Length;
                    break;
                case '#':
                    Compare(number, "", driver.Transcript[said..]);
                    break;
                default:
                    Compare(number, "", driver.Transcript[said..]);
                    Compare(number, false, driver.IsClosed);
                    Send(driver, kind, text);
                    break;
            }
        }
        return driver;
    }

    /// <summary>Plays the client's side only, its octets cut at the places given, and compares nothing.</summary>
    /// <param name="cut">Says for a run of octets how many come at once, 1 or more; asked until they are used up.</param>
    public SessionDriver PlayCut(Func<int, int> cut)
    {
        ArgumentNullException.ThrowIfNull(cut);
        var driver = new SessionDriver(Settings, Policy, Peer);
        foreach (var (octets, happening) in Runs())
        {
            for (var at = 0; at < octets.Length;)
            {
                var length = Math.Min(Math.Max(1, cut(octets.Length - at)), octets.Length - at);
                driver.Feed(octets.AsSpan(at, length));
                at += length;
            }
            if (happening is not null)
                Send(driver, 'T', happening);
        }
        return driver;
    }

    /// <summary>All that the client sends.</summary>
    public byte[] ClientOctets => [.. Runs().SelectMany(run => run.Octets)];

    // What the client sends between the events of the script.
    private IEnumerable<(byte[] Octets, string? Event)> Runs()
    {
        var run = new List<byte>();
        foreach (var (_, kind, text) in lines)
        {
            if (kind is 'C' or 'R')
            {
                run.AddRange(Octets(kind, text));
            }
            else if (kind == 'T')
            {
                yield return (run.ToArray(), text);
                run.Clear();
            }
        }
        yield return (run.ToArray(), null);
    }

    private static void Send(SessionDriver driver, char kind, string text)
    {
        if (kind == 'T')
        {
            switch (text)
            {
                case "timeout": driver.TimeOut(); break;
                case "shutdown": driver.ShutDown(); break;
                case "hangup": driver.PeerCloses(); break;
                case "tls": driver.EstablishTls(); break;
                default: throw new FormatException($"Not an event: {text}");
            }
            return;
        }
        driver.Feed(Octets(kind, text));
    }

    private static byte[] Octets(char kind, string text) => kind == 'C' ? Encoding.UTF8.GetBytes(text + "\r\n") : Unescape(text);

    /// <summary>The octets of a text with escapes.</summary>
    public static byte[] Unescape(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var octets = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                octets.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
                continue;
            }
            switch (text[++i])
            {
                case 'r': octets.Add((byte)'\r'); break;
                case 'n': octets.Add((byte)'\n'); break;
                case 't': octets.Add((byte)'\t'); break;
                case '0': octets.Add(0); break;
                case '\\': octets.Add((byte)'\\'); break;
                case 'x':
                    octets.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                default: throw new FormatException($"Not an escape: \\{text[i]}");
            }
        }
        return [.. octets];
    }

    private static ServerSettings ReadSettings(string text, ServerSettings before)
    {
        var (hostname, limits, extensions, content) = (before.Hostname, before.Limits, before.Extensions, before.Content);
        var (required, domain) = (before.RequiresAuthentication, before.DefaultDomain);
        var requiresTls = before.RequiresTls;
        var onDemandRelay = before.IsOnDemandRelay;
        foreach (var setting in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (setting[..setting.IndexOf('=', StringComparison.Ordinal)], setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            int Number() => int.Parse(value, CultureInfo.InvariantCulture);
            switch (name)
            {
                case "hostname": hostname = value; break;
                case "deliverby": extensions = extensions.With(new DeliverByExtension(TimeSpan.FromSeconds(Number()))); break;
                // The policy's name, for peers that may have 5 once they have an account; refused: others get no priority.
                case "priority":
                    extensions = extensions.With(new MtPriorityExtension(value.Split(',')[0], static facts => facts.Account is null ? (sbyte)0 : (sbyte)5, value.EndsWith(",refused", StringComparison.Ordinal)));
                    break;
                case "futurerelease": extensions = extensions.With(new FutureReleaseExtension(TimeSpan.FromSeconds(Number()))); break;
                case "limits": extensions = extensions.With(new LimitsExtension()); break;
                case "recipients": limits = limits with { Recipients = Number() }; break;
                case "message-size": limits = limits with { MessageSize = Number() }; break;
                case "header-size": limits = limits with { HeaderSize = Number() }; break;
                case "errors": limits = limits with { Errors = Number() }; break;
                case "idle-commands": limits = limits with { IdleCommands = Number() }; break;
                case "refused-recipients": limits = limits with { RefusedRecipients = Number() }; break;
                case "command-line": limits = limits with { CommandLine = Number() }; break;
                // The commands by which a peer asks, for one that may.
                case "asking" when value == "true":
                    extensions = new SmtpExtensions([.. extensions.Offered, new VerifyExtension(static _ => true), new ExpandExtension(static _ => true), new HelpExtension()]);
                    break;
                case "asking":
                    extensions = new SmtpExtensions([.. extensions.Offered, new VerifyExtension(static _ => false), new ExpandExtension(static _ => false), new HelpExtension()]);
                    break;
                case "terminals":
                    extensions = new SmtpExtensions([.. extensions.Offered, .. TerminalExtension.All(bool.Parse(value) ? static _ => true : static _ => false)]);
                    break;
                // ETRN, for one account, or for all that have not logged in.
                case "etrn":
                    extensions = extensions.With(new EtrnExtension(value == "anybody" ? static facts => facts.Account is null : MayFetch(value), mayAfterLogin: value != "anybody"));
                    break;
                // TURN and ATRN, for one account.
                case "fetching":
                    extensions = new SmtpExtensions([.. extensions.Offered, new TurnExtension(MayFetch(value)), new AtrnExtension(MayFetch(value), isListedToAll: false)]);
                    break;
                case "on-demand-relay":
                    extensions = new SmtpExtensions([new PipeliningExtension(), new EnhancedStatusCodesExtension(), .. extensions.Offered.Where(e => e.Keyword == "AUTH"), new AtrnExtension(MayFetch(value), isListedToAll: true), new HelpExtension()]);
                    onDemandRelay = true;
                    break;
                case "refuse-nul": content = content with { RefuseNul = bool.Parse(value) }; break;
                case "starttls":
                    extensions = extensions.With(new StartTlsExtension());
                    requiresTls = value == "required";
                    break;
                case "extensions":
                    extensions = new SmtpExtensions([.. SmtpExtensions.Standard.Offered.Where(e => value.Split(',').Contains(e.Keyword, StringComparer.Ordinal))]);
                    break;
                case "auth": extensions = new SmtpExtensions([.. extensions.Offered, new AuthExtension([.. value.Split(',')])]); break;
                case "xclient": extensions = extensions.With(new XClientExtension(new PeerNetworks(System.Net.IPNetwork.Parse(value)))); break;
                case "xforward": extensions = extensions.With(new XForwardExtension(new PeerNetworks(System.Net.IPNetwork.Parse(value)))); break;
                case "default-domain": domain = value; break;
                case "requiretls": extensions = extensions.With(new RequireTlsExtension()); break;
                case "auth-required": required = bool.Parse(value); break;
                case "dialogue-line": limits = limits with { DialogueLine = Number() }; break;
                default: throw new FormatException($"Not a setting: {name}");
            }
        }
        return new ServerSettings { Hostname = hostname, Limits = limits, Extensions = extensions, Content = content, RequiresAuthentication = required, DefaultDomain = domain, RequiresTls = requiresTls, IsOnDemandRelay = onDemandRelay };
    }

    private static Func<SessionFacts, bool> MayFetch(string account) => facts => string.Equals(facts.Account, account, StringComparison.Ordinal);

    private static SessionFacts ReadPeer(string text, SessionFacts peer)
    {
        foreach (var fact in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (fact[..fact.IndexOf('=', StringComparison.Ordinal)], fact[(fact.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            var tls = peer.Tls ?? new TlsFacts { Protocol = "TLSv1.3", CipherSuite = "TLS_AES_256_GCM_SHA384" };
            peer = name switch
            {
                "began" => peer with { Began = DateTimeOffset.Parse(value, CultureInfo.InvariantCulture) },
                "address" => peer with { PeerAddress = System.Net.IPAddress.Parse(value) },
                "tls" => peer with { Tls = tls with { Protocol = value } },
                "endpoint" => peer with { Tls = tls with { ServerEndPoint = Convert.FromHexString(value) } },
                "certificate" => peer with { Tls = tls with { PeerCertificate = Certificate(value == "trusted") } },
                _ => throw new FormatException($"Not a fact of the peer: {name}"),
            };
        }
        return peer;

        static TlsPeerCertificate Certificate(bool isTrusted) =>
            new() { Subject = "CN=client.example", Fingerprint = new string('0', 64), Names = ["client.example"], IsTrusted = isTrusted };
    }

    private void Compare<T>(int number, T expected, T got)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, got))
            throw Mismatch(number, expected?.ToString(), got?.ToString());
    }

    private InvalidOperationException Mismatch(int number, string? expected, string? got) =>
        new($"{Name}:{number}: expected \"{expected}\", got \"{got}\".");
}
