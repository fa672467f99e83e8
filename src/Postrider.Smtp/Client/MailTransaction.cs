using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Tls;

namespace Postrider.Smtp.Client;

/// <summary>
/// The transaction of a session: its numbered commands, the replies to them, and one result for each
/// recipient. One object serves one transaction after the other.
/// </summary>
internal sealed class MailTransaction(ClientSettings settings)
{
    private enum Phase
    {
        /// <summary>MAIL, RCPT and the command of the framing are being sent and answered.</summary>
        Commands,

        /// <summary>The server waits for the content and there is somebody to send to.</summary>
        Body,

        /// <summary>The end of the content has been sent.</summary>
        EndOfData,

        /// <summary>A block was refused and all is settled; replies to later blocks are on their way.</summary>
        Draining,
    }

    // The commands are numbered: RSET, MAIL, a RCPT for each recipient, the framing's (DATA).
    private const int RsetCommand = -2;
    private const int MailCommand = -1;

    // Blocks whose replies have not come; more would let the replies pile up in the network.
    private const int MaxOwed = 16;

    private Phase phase;
    private ClientTransaction transaction;
    private PeerCapabilities? peer;
    private IReadOnlyList<ClientExtension> offered = [];
    private RecipientResult[] results = [];
    private RecipientResult mailRefusal;
    private bool wasAnswered;
    private bool needsReset;
    private int accepted;
    private int nextSend;
    private int nextReply;
    private int toDrain;

    /// <summary>How the content is sent.</summary>
    public BodyFraming Framing { get; private set; } = null!;

    public bool IsUnderWay => results.Length > 0;

    /// <summary>Whether the next block of the content may be sent.</summary>
    public bool WantsBody => phase == Phase.Body && Framing.Owed < (peer!.HasPipelining ? MaxOwed : 1);

    /// <summary>Whether no reply is awaited and commands are to be sent.</summary>
    public bool WantsToSend => phase == Phase.Commands && nextReply == nextSend;

    public ClientDeadline Deadline => phase switch
    {
        Phase.Body => ClientDeadline.DataBlock,
        Phase.Commands => nextReply < 0 ? ClientDeadline.Mail : nextReply < results.Length ? ClientDeadline.Recipient : ClientDeadline.DataStart,
        _ => ClientDeadline.DataEnd,
    };

    public string Doing => phase switch
    {
        Phase.Commands when nextReply == RsetCommand => "waiting for the reply to RSET",
        Phase.Commands when nextReply == MailCommand => "waiting for the reply to MAIL",
        Phase.Commands when nextReply < results.Length => "waiting for the reply to RCPT",
        Phase.Commands => "waiting for the reply to DATA",
        Phase.Body => "sending the message",
        _ => "waiting for the reply to the end of the message",
    };

    /// <summary>Takes a message on. Nobody has a result yet.</summary>
    public void Begin(in ClientTransaction message)
    {
        transaction = message;
        results = new RecipientResult[message.Envelope.Recipients.Length];
        mailRefusal = default;
        wasAnswered = false;
        accepted = 0;
        phase = Phase.Commands;
    }

    /// <summary>Prepares the commands. False where nothing is to be sent, since everybody has a result already.</summary>
    public bool Prepare(PeerCapabilities server, IReadOnlyList<ClientExtension> inUse)
    {
        peer = server;
        offered = inUse;
        if (FindRefusal() is { } refusal)
        {
            Array.Fill(results, refusal);
            return false;
        }
        if (!RefuseRecipients())
            return false;
        HoldSurplus();
        Framing = ChooseFraming();
        if (Framing is DataFraming && transaction.Envelope.Body == BodyType.BinaryMime)
        {
            // RFC 3030 §3: binary content never goes by DATA.
            Array.Fill(results, new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 6, 3), "The message is binary and can only be sent by BDAT"));
            return false;
        }
        nextSend = nextReply = needsReset ? RsetCommand : MailCommand;
        return true;
    }

    /// <summary>Sends what may be sent without a reply between; false where nothing is left to send, and the transaction is over.</summary>
    public bool SendGroup(ArrayBufferWriter<byte> commands)
    {
        var start = commands.WrittenCount;
        var hasCommand = !Framing.Command.IsEmpty;
        while (nextSend < results.Length + (hasCommand ? 1 : 0) && mailRefusal.Verdict == RecipientVerdict.Open)
        {
            if (nextSend == results.Length && nextReply == nextSend && accepted == 0)
                break;
            if (nextSend >= 0 && nextSend < results.Length && results[nextSend].Verdict != RecipientVerdict.Open)
            {
                // Nothing of this recipient is sent, so nothing is answered.
                if (nextReply == nextSend)
                    nextReply++;
                nextSend++;
                continue;
            }
            WriteCommand(nextSend++, commands);
            if (!peer!.HasPipelining || commands.WrittenCount - start >= settings.Limits.MaxGroupOctets)
                break;
        }
        if (nextReply != nextSend)
            return true;
        if (hasCommand || accepted == 0 || mailRefusal.Verdict != RecipientVerdict.Open)
            return false;
        phase = Phase.Body;
        return true;
    }

    public Progress Take(ReplyParser reply, ArrayBufferWriter<byte> commands)
    {
        switch (phase)
        {
            case Phase.Commands:
                return TakeCommandReply(reply, commands);
            case Phase.Draining:
                return --toDrain == 0 ? Progress.Done : Progress.GoesOn;
            case Phase.Body or Phase.EndOfData when Framing.Owed > 0:
                return TakeBlockReply(reply);
            case Phase.Body when reply.Code >= 400:
                // The server has seen enough and will not read on; after that nothing is in step any more.
                SettleOpen(reply.ToResult(reply.Code));
                return Progress.Ended(reply.ToEnding(EndingKind.PeerEnded));
            case Phase.EndOfData:
                return TakeEndOfData(reply);
            default:
                return Progress.Violation(ClientSession.OutOfTurn);
        }
    }

    public void BodySent() => phase = Phase.EndOfData;

    /// <summary>The session is over: whoever has no result gets one.</summary>
    public void SettleUndecided(SessionEnding ending)
    {
        var isAtEnd = phase == Phase.EndOfData && ending.ReplyCode == 0;
        SettleOpen(mailRefusal.Verdict != RecipientVerdict.Open
            ? mailRefusal
            : new RecipientResult(ending.IsPermanent ? RecipientVerdict.Failed : RecipientVerdict.Deferred, ending.ReplyCode, ending.Enhanced, ending.Text)
            {
                MayHaveArrived = isAtEnd,
                IsUndecided = !isAtEnd,
            });
    }

    /// <summary>Ends the transaction. Everybody has a result.</summary>
    public TransactionResult Finish(SessionEnding? ending, TlsFacts? tls)
    {
        if (mailRefusal.Verdict != RecipientVerdict.Open)
            SettleOpen(mailRefusal);
        Debug.Assert(Array.TrueForAll(results, result => result.Verdict != RecipientVerdict.Open), "Every recipient has a result.");
        var result = new TransactionResult(ImmutableCollectionsMarshal.AsImmutableArray(results), wasAnswered)
        {
            Ending = ending,
            Tls = tls,
            IsReportedOn = peer?.Offers(DsnExtension.Name) == true,
            KeepsDeadline = peer?.Offers(DeliverByExtension.Name) == true,
        };
        results = [];
        transaction = default;
        return result;
    }

    private RecipientResult? FindRefusal()
    {
        foreach (var extension in settings.Extensions)
        {
            if (extension.Refuse(transaction, peer!) is { } refusal)
                return refusal;
        }
        return transaction.Envelope.ReversePath.Mailbox is { } sender && !CommandText.CanWrite(sender)
            ? new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 1, 7), "The sender's address cannot be written in a command")
            : null;
    }

    // False where nobody is left.
    private bool RefuseRecipients()
    {
        var isAnyLeft = false;
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = FindRefusal(transaction.Envelope.Recipients[i]);
            isAnyLeft |= results[i].Verdict == RecipientVerdict.Open;
        }
        return isAnyLeft;
    }

    private RecipientResult FindRefusal(EnvelopeRecipient recipient)
    {
        // What would break out of its command is never sent, whoever made the envelope.
        if (!CommandText.CanWrite(recipient.Mailbox))
            return new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 1, 3), "The address cannot be written in a command");
        foreach (var extension in settings.Extensions)
        {
            if (extension.RefuseRecipient(recipient, peer!) is { } refusal)
                return refusal;
        }
        return default;
    }

    // RFC 9422 §4: what the server has said it will not take is not sent to be refused.
    private void HoldSurplus()
    {
        var most = results.Length;
        foreach (var extension in offered)
            most = Math.Min(most, extension.MostRecipients(transaction, peer!));
        // One whose address cannot be written has its result, and takes no place; there is one that can be at least.
        var isAnySent = results.AsSpan(0, most).Contains(default);
        for (var i = most; isAnySent && i < results.Length; i++)
        {
            if (results[i].Verdict == RecipientVerdict.Open)
                results[i] = new RecipientResult(RecipientVerdict.Surplus, 0, new EnhancedStatusCode(4, 5, 3), "The server takes no more recipients in one transaction");
        }
    }

    private BodyFraming ChooseFraming()
    {
        foreach (var extension in offered)
        {
            if (extension.Frame(transaction, peer!) is { } framing)
                return framing;
        }
        return new DataFraming();
    }

    private string ChooseVerb()
    {
        foreach (var extension in settings.Extensions)
        {
            if (extension.TransactionVerb(transaction, peer!) is { } verb)
                return verb;
        }
        return "MAIL";
    }

    private void WriteCommand(int command, ArrayBufferWriter<byte> commands)
    {
        if (command == RsetCommand)
        {
            commands.Write("RSET\r\n"u8);
            return;
        }
        if (command == results.Length)
        {
            commands.Write(Framing.Command);
            return;
        }
        if (command == MailCommand)
        {
            Encoding.ASCII.GetBytes(ChooseVerb(), commands);
            commands.Write(" FROM:<"u8);
            CommandText.Write(transaction.Envelope.ReversePath.Mailbox, commands);
            commands.Write(">"u8);
            foreach (var extension in offered)
                extension.WriteMailParameters(transaction, commands);
        }
        else
        {
            var recipient = transaction.Envelope.Recipients[command];
            commands.Write("RCPT TO:<"u8);
            CommandText.Write(recipient.Mailbox, commands);
            commands.Write(">"u8);
            foreach (var extension in offered)
                extension.WriteRecipientParameters(recipient, commands);
        }
        commands.Write("\r\n"u8);
    }

    private Progress TakeCommandReply(ReplyParser reply, ArrayBufferWriter<byte> commands)
    {
        wasAnswered = true;
        if (nextReply == nextSend)
            return Progress.Violation(ClientSession.OutOfTurn);
        var command = nextReply++;
        while (nextReply < Math.Min(nextSend, results.Length) && nextReply >= 0 && results[nextReply].Verdict != RecipientVerdict.Open)
            nextReply++;
        var kind = reply.Code / 100;
        if (command == results.Length)
            return TakeDataReply(reply, commands);
        if (kind == 3)
            return Progress.Violation("The server answered with a code that has no meaning here");
        if (command == RsetCommand && kind != 2)
            return Progress.Violation("The server refused RSET");
        if (command == RsetCommand)
            needsReset = false;
        else if (command == MailCommand && kind != 2)
            mailRefusal = reply.ToResult(reply.Code);
        else if (command == MailCommand)
            // Whatever becomes of it, the server has a transaction open until its end of data, or RSET.
            needsReset = true;
        else
            TakeRecipientReply(command, reply);
        return Progress.GoesOn;
    }

    private void TakeRecipientReply(int recipient, ReplyParser reply)
    {
        if (mailRefusal.Verdict != RecipientVerdict.Open)
            return;
        if (reply.Code / 100 == 2)
        {
            accepted++;
            return;
        }
        // RFC 5321 §4.5.3.1.10: 452 to a recipient after others means too many, and 552 is read as 452.
        var code = reply.Code == 552 ? 452 : reply.Code;
        var enhanced = reply.Enhanced;
        var isSurplus = code == 452 && accepted > 0
            && (enhanced.IsNone || enhanced is { Subject: 5, Detail: 3 } || (reply.Code == 552 && enhanced is { Subject: 3 }));
        results[recipient] = reply.ToResult(code);
        if (isSurplus)
            results[recipient] = results[recipient] with { Verdict = RecipientVerdict.Surplus };
    }

    private Progress TakeDataReply(ReplyParser reply, ArrayBufferWriter<byte> commands)
    {
        switch (reply.Code / 100)
        {
            case 2:
                return Progress.Violation("The server answered DATA with a code that has no meaning there");
            case 3 when mailRefusal.Verdict == RecipientVerdict.Open && accepted > 0:
                phase = Phase.Body;
                return Progress.GoesOn;
            case 3:
                // RFC 2920 §3.1: 354 though nobody was accepted: end the message at once; the reply means nothing.
                commands.Write(".\r\n"u8);
                phase = Phase.EndOfData;
                return Progress.GoesOn;
            default:
                if (mailRefusal.Verdict == RecipientVerdict.Open)
                    SettleOpen(reply.ToResult(reply.Code));
                return Progress.Done;
        }
    }

    // RFC 3030 §2: each chunk has its reply; after a refusal those behind it have theirs too, which mean nothing.
    private Progress TakeBlockReply(ReplyParser reply)
    {
        Framing.Settle();
        switch (reply.Code / 100)
        {
            case 2:
                return Progress.GoesOn;
            case 3:
                return Progress.Violation("The server answered a part of the message with a code that has no meaning there");
            default:
                SettleOpen(reply.ToResult(reply.Code));
                toDrain = Framing.Owed + (phase == Phase.EndOfData ? 1 : 0);
                phase = Phase.Draining;
                return toDrain == 0 ? Progress.Done : Progress.GoesOn;
        }
    }

    private Progress TakeEndOfData(ReplyParser reply)
    {
        if (reply.Code / 100 == 3)
            return Progress.Violation("The server answered the end of the message with a code that has no meaning there");
        needsReset = false;
        if (mailRefusal.Verdict == RecipientVerdict.Open)
            SettleOpen(reply.ToResult(reply.Code));
        return Progress.Done;
    }

    // Those who were accepted at RCPT are the ones without a result by now.
    private void SettleOpen(in RecipientResult result)
    {
        foreach (ref var open in results.AsSpan())
        {
            if (open.Verdict == RecipientVerdict.Open)
                open = result;
        }
    }
}
