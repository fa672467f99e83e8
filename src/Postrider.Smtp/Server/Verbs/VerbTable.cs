using Postrider.Smtp.Extensions;
using static Postrider.Smtp.Server.Verbs.VerbFlags;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>The verbs of RFC 5321 §4.1.1, those of older RFCs that are known and not implemented, and what holds of each.</summary>
internal static class VerbTable
{
    public static IReadOnlyList<Verb> Base { get; } =
    [
        // The order is that of the search: what a message needs comes first.
        new("MAIL", NeedsHello | NeedsAccount | NeedsNoTransaction, "MAIL FROM:<reverse-path> [parameters]", "RFC 5321 section 4.1.1.2", MailVerb.Run),
        new("RCPT", NeedsHello | NeedsTransaction | BeforeChunks, "RCPT TO:<forward-path> [parameters]", "RFC 5321 section 4.1.1.3", RcptVerb.Run),
        new("DATA", NeedsHello | NeedsTransaction | BeforeChunks | NoArgument, "DATA", "RFC 5321 section 4.1.1.4", DataVerb.Run),
        new("RSET", Idle | NoArgument | OnDemandRelay, "RSET", "RFC 5321 section 4.1.1.5", RsetVerb.Run),
        new("EHLO", Idle | BeforeTls | OnDemandRelay, "EHLO client-name", "RFC 5321 section 4.1.1.1", EhloVerb.Run),
        new("HELO", Idle, "HELO client-name", "RFC 5321 section 4.1.1.1", HeloVerb.Run),
        new("QUIT", NoArgument | EvenIfRefused | BeforeTls | OnDemandRelay, "QUIT", "RFC 5321 section 4.1.1.10", QuitVerb.Run),
        new("NOOP", Idle | BeforeTls | OnDemandRelay, "NOOP [text]", "RFC 5321 section 4.1.1.9", NoopVerb.Run),
        new("HELP", Idle | OnDemandRelay, "HELP [command]", "RFC 5321 section 4.1.1.8", HelpVerb.Run),
        new("VRFY", Idle | NeedsAccount, "VRFY user-or-mailbox [SMTPUTF8]", "RFC 5321 section 4.1.1.6", VrfyVerb.Run),
        new("EXPN", None, "EXPN list", "RFC 5321 section 4.1.1.7", null),
        new("SEND", None, "SEND FROM:<reverse-path>", "RFC 821 section 3.4", null),
        new("SOML", None, "SOML FROM:<reverse-path>", "RFC 821 section 3.4", null),
        new("SAML", None, "SAML FROM:<reverse-path>", "RFC 821 section 3.4", null),
        new("ETRN", None, "ETRN [@]domain", "RFC 1985 section 5", null),
        new("TURN", None, "TURN", "RFC 821 section 3.8", null),
        new("ATRN", None, "ATRN [domain[,domain]...]", "RFC 2645 section 5.2.1", null),
        // Where CHUNKING is not offered its octets are skipped all the same: they are no commands.
        new("BDAT", None, ChunkingExtension.Syntax, ChunkingExtension.Source, null) { CountOctets = ChunkingExtension.CountOctets },
    ];
}
