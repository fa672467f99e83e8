using System.Globalization;
using System.Text;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Server.Verbs;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// CHUNKING (RFC 3030 §2): the content comes in chunks of known lengths, by BDAT, and no dot is looked for in it. A
/// chunk that is refused is skipped by its length and takes its transaction with it: a later one must not be
/// taken for the start of the message.
/// </summary>
public sealed class ChunkingExtension : SmtpExtension
{
    internal const string Name = "CHUNKING";
    internal const string Syntax = "BDAT octets [LAST]";
    internal const string Source = "RFC 3030 section 2";

    // More digits than any length has that could ever come.
    private const int LongestNumber = 18;

    /// <summary>Offers it.</summary>
    public ChunkingExtension()
        : base(Name)
    {
    }

    internal override IReadOnlyList<Verb> Verbs { get; } =
    [
        new("BDAT", VerbFlags.NeedsHello | VerbFlags.NeedsTransaction, Syntax, Source, Run) { CountOctets = CountOctets },
    ];

    // Space and LAST, or nothing, behind the number; -1 where it is anything else.
    internal static long CountOctets(ReadOnlySpan<byte> argument)
    {
        var end = argument.IndexOf((byte)' ');
        var number = end < 0 ? argument : argument[..end];
        if (number.Length is 0 or > LongestNumber || number.ContainsAnyExceptInRange((byte)'0', (byte)'9') || (end >= 0 && !IsLast(argument)))
            return -1;
        return long.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static bool IsLast(ReadOnlySpan<byte> argument)
    {
        var space = argument.IndexOf((byte)' ');
        return space >= 0 && Ascii.EqualsIgnoreCase(argument[space..].TrimStart((byte)' '), "LAST"u8);
    }

    private static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        var transaction = conversation.Transaction!;
        var octets = CountOctets(argument);
        var isLast = IsLast(argument);
        if (!conversation.Facts.IsExtended)
            return Fail(Outcome.Mistake(ReplyCatalogue.ChunksNeedEhlo), conversation);
        if (!transaction.RecipientTried)
            return Fail(Outcome.Mistake(ReplyCatalogue.RecipientFirst), conversation);
        if (transaction.RecipientCount == 0)
            return Fail(Outcome.Say(ReplyCatalogue.NoValidRecipients), conversation);
        // A chunk of nothing brings no mail forward.
        if (octets == 0 && !isLast && ++conversation.IdleCommands > conversation.Settings.Limits.IdleCommands)
            return Outcome.Close(conversation.Settings.Replies.TooManyIdleCommands);
        if (transaction.HasChunks)
            return Outcome.Chunk(octets, isLast);
        return Outcome.Ask(new StartOfMessageQuestion(transaction.ToEnvelope()), Answered);

        Outcome Answered(in Answer answer, Conversation asked)
        {
            if (!answer.IsAccepted)
                return Fail(Outcome.Refuse(answer.Reply!), asked).Behind(octets);
            asked.Transaction!.HasChunks = true;
            return Outcome.Chunk(octets, isLast);
        }
    }

    private static Outcome Fail(Outcome refusal, Conversation conversation)
    {
        conversation.DropTransaction();
        conversation.MailRefused = true;
        return refusal;
    }
}

/// <summary>
/// CHUNKING (RFC 3030), the client's half: binary content goes by BDAT. Everything else goes by DATA unless told otherwise,
/// which costs no more round trips as long as the content is not sent before somebody is accepted.
/// </summary>
/// <param name="forAll">Whether all content goes by BDAT where the server offers it.</param>
public sealed class ChunkingClientExtension(bool forAll = false) : ClientExtension
{
    /// <inheritdoc/>
    public override string Keyword => ChunkingExtension.Name;

    /// <inheritdoc/>
    public override BodyFraming? Frame(in ClientTransaction transaction, PeerCapabilities peer) =>
        forAll || transaction.Envelope.Body == BodyType.BinaryMime ? new ChunkFraming() : null;

    /// <summary>BDAT: each block with its length before it, the octets as they are (RFC 3030 §2).</summary>
    private sealed class ChunkFraming : BodyFraming
    {
        // "BDAT " and a number of ten digits, " LAST", CRLF.
        private const int LongestCommand = 22;

        public override int HeadLength => LongestCommand;

        public override int BufferFor(int length) => length + LongestCommand;

        public override int RoomIn(int length) => length - LongestCommand;

        public override Range Frame(Span<byte> buffer, int length, bool isLast)
        {
            var command = string.Create(CultureInfo.InvariantCulture, $"BDAT {length}{(isLast ? " LAST" : "")}\r\n");
            var start = LongestCommand - command.Length;
            Encoding.ASCII.GetBytes(command, buffer[start..]);
            if (!isLast)
                Owed++;
            return start..(LongestCommand + length);
        }
    }
}
