using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Postrider.Smtp.Client;
using Postrider.Smtp.Grammar;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;
using static Postrider.Smtp.Server.Verbs.VerbFlags;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// ETRN: the mail that is queued for a domain is to be sent now. An acceptance without a reply gives 250; with one, 251,
/// 252 or 253 say what there is (RFC 1985 §5.3). A refusal is 458 or 459.
/// </summary>
/// <param name="Domain">The domain, in lower case, or an address literal.</param>
/// <param name="IsWithSubdomains">Whether those below it are meant, too (§5.2: <c>@</c>).</param>
public sealed record EtrnQuestion(string Domain, bool IsWithSubdomains) : Question;

/// <summary>
/// ETRN (RFC 1985): a peer that has just come on line asks for its mail, which goes to where the routes say. So the name
/// in the command gives nothing away; still it is for those who may, or anybody could set the queue to work.
/// </summary>
public sealed class EtrnExtension : SmtpExtension
{
    private readonly Func<SessionFacts, bool> mayFetch;
    private readonly bool mayAfterLogin;

    /// <summary>Carries it out, and lists it to those who may.</summary>
    /// <param name="mayFetch">Whether a peer may have any mail sent; any thread, at once.</param>
    /// <param name="mayAfterLogin">Whether an account may: a client looks for the keyword before it logs in, and sees it there, too.</param>
    public EtrnExtension(Func<SessionFacts, bool> mayFetch, bool mayAfterLogin)
        : base("ETRN")
    {
        this.mayFetch = mayFetch;
        this.mayAfterLogin = mayAfterLogin;
    }

    // RFC 1985 §5.1: at any time but within a transaction.
    internal override IReadOnlyList<Verb> Verbs { get; } =
        [new("ETRN", NeedsHello | NeedsNoTransaction | NeedsAccount | Idle, "ETRN [@]domain", "RFC 1985 section 5", Run)];

    internal override string? Offer(ServerSettings settings, SessionFacts facts) =>
        mayFetch(facts) || (mayAfterLogin && settings.RequiresAuthentication && facts.Account is null) ? Keyword : null;

    private static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        // §5.2: # is for queues that have names, and here none has.
        if (argument is [(byte)'#', ..])
            return Outcome.Mistake(ReplyCatalogue.NoNamedQueues);
        var isWithSubdomains = argument is [(byte)'@', ..];
        var name = isWithSubdomains ? argument[1..] : argument;
        if (!HelloName.IsValid(name) || (isWithSubdomains && name[0] == '['))
            return Outcome.Mistake(ReplyCatalogue.EtrnSyntax);
        return Outcome.Ask(new EtrnQuestion(HelloName.Normalize(name), isWithSubdomains), Answered);
    }

    private static Outcome Answered(in Answer answer, Conversation conversation) =>
        answer.IsAccepted ? Outcome.Say(answer.Reply ?? ReplyCatalogue.QueuingStarted) : Outcome.Refuse(answer.Reply!);
}

/// <summary>ETRN, the client's half: asks for the mail of some domains once the session is ready, and keeps the replies.</summary>
/// <remarks>It has the replies in it, so one serves one session. It is said whether it is offered or not: to whom it is may depend on the login.</remarks>
public sealed class EtrnClientExtension : ClientExtension
{
    private readonly ImmutableArray<string> nodes;
    private readonly List<(string Node, Reply Reply)> replies = [];

    /// <summary>Asks.</summary>
    /// <param name="nodes">Domains, each perhaps with <c>@</c> before it for those below it too, or queues with <c>#</c> before their names; at least one.</param>
    /// <exception cref="ArgumentException">There is none, or one is neither a domain nor a queue.</exception>
    public EtrnClientExtension(params ImmutableArray<string> nodes)
    {
        if (nodes.IsDefaultOrEmpty)
            throw new ArgumentException("ETRN needs a domain.", nameof(nodes));
        foreach (var node in nodes)
        {
            if (!IsNode(node))
                throw new ArgumentException($"\"{node}\" is not a domain.", nameof(nodes));
        }
        this.nodes = nodes;
    }

    // What a queue is called is the server's own matter (§5.2).
    private static bool IsNode(string node) => node is ['#', _, ..]
        ? node.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0
        : Ascii.IsValid(node) && HelloName.IsValid(Encoding.ASCII.GetBytes(node.StartsWith('@') ? node[1..] : node));

    /// <inheritdoc/>
    public override string Keyword => "ETRN";

    /// <inheritdoc/>
    public override bool NeedsOffer => false;

    /// <summary>The replies that have come, in the order of the domains.</summary>
    public IReadOnlyList<(string Node, Reply Reply)> Replies => replies;

    /// <inheritdoc/>
    public override ClientStage? BeforeMail(PeerCapabilities peer) => new Stage(this);

    private sealed class Stage(EtrnClientExtension asked) : ClientStage
    {
        public override void Start(IBufferWriter<byte> commands) => Say(commands);

        public override StageStep Continue(ReplyParser reply, IBufferWriter<byte> commands)
        {
            asked.replies.Add((asked.nodes[asked.replies.Count], AskedCommand.Read(reply)));
            if (asked.replies.Count == asked.nodes.Length)
                return StageStep.Done;
            Say(commands);
            return StageStep.GoesOn;
        }

        private void Say(IBufferWriter<byte> commands) => commands.Write(Encoding.ASCII.GetBytes($"ETRN {asked.nodes[asked.replies.Count]}\r\n"));
    }
}
