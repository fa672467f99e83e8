using System.Buffers;
using System.Text;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Client;

/// <summary>One command that asks a server something, HELP, VRFY or EXPN, said once the session is ready, and its reply.</summary>
/// <remarks>It has the reply in it, so one serves one session.</remarks>
public sealed class AskedCommand : ClientExtension
{
    private readonly string verb;
    private readonly string argument;

    /// <summary>Asks.</summary>
    /// <param name="verb">The verb.</param>
    /// <param name="argument">
    /// What stands behind it; may be empty. VRFY and EXPN have SMTPUTF8 behind it where the server offers that (RFC 6531 §3.7.4.2);
    /// what is not ASCII is not said without.
    /// </param>
    /// <exception cref="ArgumentException">One of them has a control character in it.</exception>
    public AskedCommand(string verb, string argument)
    {
        ArgumentNullException.ThrowIfNull(verb);
        ArgumentNullException.ThrowIfNull(argument);
        if (verb.Any(char.IsControl) || argument.Any(char.IsControl))
            throw new ArgumentException("A command is one line without control characters.", nameof(argument));
        this.verb = verb;
        this.argument = argument;
    }

    /// <inheritdoc/>
    public override string Keyword => verb;

    /// <inheritdoc/>
    public override bool NeedsOffer => false;

    /// <summary>Whether it takes SMTPUTF8 to be said.</summary>
    public bool IsNotAscii => !Ascii.IsValid(argument);

    /// <summary>The reply, or null before it has come, and where the question could not be put.</summary>
    public Reply? Reply { get; private set; }

    /// <inheritdoc/>
    public override ClientStage? BeforeMail(PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        // Where it is offered the reply may hold UTF-8; HELP has no such parameter.
        var parameter = verb is "VRFY" or "EXPN" && peer.Offers("SMTPUTF8") ? " SMTPUTF8" : "";
        return IsNotAscii && parameter.Length == 0 ? null : new Stage(this, argument.Length == 0 ? verb : $"{verb} {argument}{parameter}");
    }

    /// <summary>A reply as it came, fit to be shown.</summary>
    internal static Reply Read(ReplyParser reply)
    {
        var lines = new List<string>(reply.LineCount);
        for (var i = 0; i < reply.LineCount; i++)
        {
            var line = Encoding.UTF8.GetString(reply.Line(i)).Replace('\0', ' ').Replace('\r', ' ').Replace('\n', ' ');
            lines.Add(EnhancedStatusCode.TryParse(line, out var code, out var length) && code == reply.Enhanced ? line[length..].TrimStart() : line);
        }
        return new Reply(reply.Code, reply.Enhanced, lines);
    }

    private sealed class Stage(AskedCommand asked, string command) : ClientStage
    {
        public override void Start(IBufferWriter<byte> commands) => commands.Write(Encoding.UTF8.GetBytes(command + "\r\n"));

        public override StageStep Continue(ReplyParser reply, IBufferWriter<byte> commands)
        {
            asked.Reply = Read(reply);
            return StageStep.Done;
        }
    }
}
