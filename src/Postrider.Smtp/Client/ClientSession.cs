using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Client;

/// <summary>
/// The client's side of an SMTP connection, without I/O: takes the bytes of replies and the wishes of
/// its owner, gives the bytes of commands and what to do next. Whatever the server says or leaves
/// unsaid, each recipient of a transaction gets exactly one result. Not safe for concurrent use.
/// </summary>
public sealed class ClientSession
{
    private enum Phase
    {
        Greeting,
        Ehlo,
        Helo,
        Stage,
        Ready,

        /// <summary>MAIL, RCPT and DATA are being sent and answered.</summary>
        Commands,

        /// <summary>DATA has been answered by 354 and there is somebody to send to.</summary>
        Body,

        /// <summary>The end of data has been sent.</summary>
        EndOfData,
        Quit,
        Closed,
    }

    // The commands of a transaction are numbered: RSET, MAIL, a RCPT for each recipient, DATA.
    private const int RsetCommand = -2;
    private const int MailCommand = -1;

    private const string OutOfTurn = "The server sent a reply that nothing had asked for";

    private static readonly EnhancedStatusCode NoAnswer = new(4, 4, 1);
    private static readonly EnhancedStatusCode BadConnection = new(4, 4, 2);
    private static readonly EnhancedStatusCode InvalidCommand = new(4, 5, 0);

    private readonly ClientSettings settings;
    private readonly ReplyParser parser;
    private Phase phase = Phase.Greeting;
    private List<ClientExtension> offered = [];
    private int nextExtension;
    private ClientStage? stage;
    private bool quitWanted;
    private bool resultPending;

    private ClientTransaction transaction;
    private RecipientResult[] results = [];
    private RecipientResult mailRefusal;
    private bool wasAnswered;
    private bool needsReset;
    private int accepted;
    private int nextSend;
    private int nextReply;

    /// <summary>Makes a session for a connection that has just been made. The first step is to wait for the greeting.</summary>
    public ClientSession(ClientSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        this.settings = settings;
        parser = new ReplyParser(settings.Limits.MaxReplyLineOctets, settings.Limits.MaxReplyOctets);
    }

    /// <summary>What the server offers; null until it has answered EHLO or HELO.</summary>
    public PeerCapabilities? Peer { get; private set; }

    /// <summary>The result of the last transaction, from <see cref="ClientStepKind.TransactionDone"/> on.</summary>
    public TransactionResult? Result { get; private set; }

    /// <summary>Why the session is over; null while it is not.</summary>
    public SessionEnding? Ending { get; private set; }

    /// <summary>Begins a transaction; the commands come with the next step.</summary>
    /// <param name="message">What is to be sent; one recipient at least.</param>
    /// <exception cref="InvalidOperationException">The session is not ready.</exception>
    public void Begin(in ClientTransaction message)
    {
        if (phase is not (Phase.Ready or Phase.Closed) || resultPending)
            throw new InvalidOperationException("A transaction begins when the session is ready.");
        var count = message.Envelope.Recipients.Length;
        if (count == 0)
            throw new ArgumentException("A transaction has a recipient.", nameof(message));
        transaction = message;
        results = new RecipientResult[count];
        mailRefusal = default;
        wasAnswered = false;
        accepted = 0;
        Result = null;
        if (Ending is not null)
        {
            SettleUndecided(Ending);
            Finish();
            return;
        }
        if (parser.IsMidReply)
        {
            End(EndingKind.Violation, 0, InvalidCommand, OutOfTurn);
            SettleUndecided(Ending!);
            Finish();
            return;
        }

        if (FindRefusal() is { } refusal)
        {
            Array.Fill(results, refusal);
            Finish();
            return;
        }
        if (!RefuseUnwritable())
        {
            Finish();
            return;
        }
        phase = Phase.Commands;
        nextSend = nextReply = needsReset ? RsetCommand : MailCommand;
    }

    /// <summary>The end of data is being handed to the network: from here on the server may have the message.</summary>
    /// <exception cref="InvalidOperationException">No body was asked for.</exception>
    public void BodySent()
    {
        if (phase == Phase.Closed)
            return;
        if (phase != Phase.Body)
            throw new InvalidOperationException("The session asked for no body.");
        if (parser.IsMidReply)
            Break("The server spoke before the end of the message");
        else
            phase = Phase.EndOfData;
    }

    /// <summary>Says QUIT with the next step; the session is then closed by its reply.</summary>
    /// <exception cref="InvalidOperationException">A transaction is under way.</exception>
    public void Quit()
    {
        if (phase == Phase.Closed)
            return;
        if (phase != Phase.Ready)
            throw new InvalidOperationException("QUIT is said between transactions.");
        quitWanted = true;
    }

    /// <summary>The connection is over for a reason that the session cannot see. Ends the transaction under way.</summary>
    /// <param name="kind">Unreachable, Lost, TimedOut or Cancelled.</param>
    /// <param name="detail">What happened, as the network says it, or null.</param>
    public void Abandon(EndingKind kind, string? detail = null)
    {
        if (phase == Phase.Closed)
            return;
        if (phase == Phase.Quit)
        {
            phase = Phase.Closed;
            return;
        }
        // RFC 3463 §3.5: X.4.1 no answer from host, X.4.2 bad connection.
        if (kind == EndingKind.Unreachable)
        {
            EndAndSettle(kind, 0, NoAnswer, detail ?? "The server cannot be reached");
            return;
        }
        var what = kind switch
        {
            EndingKind.TimedOut => "Timed out",
            EndingKind.Cancelled => "Given up",
            _ => "The connection was lost",
        };
        var text = $"{what} {Doing()}";
        EndAndSettle(kind, 0, BadConnection, detail is null ? text : $"{text}: {detail}");
    }

    /// <summary>Goes one step further.</summary>
    /// <param name="input">What has come from the server and has not been consumed.</param>
    /// <param name="commands">Where commands are written, to be sent before anything else is done.</param>
    public ClientStep Advance(ReadOnlySpan<byte> input, ArrayBufferWriter<byte> commands)
    {
        ArgumentNullException.ThrowIfNull(commands);
        var consumed = 0;
        while (true)
        {
            if (resultPending)
            {
                resultPending = false;
                return new ClientStep(ClientStepKind.TransactionDone, consumed);
            }
            if (phase == Phase.Closed)
                return new ClientStep(ClientStepKind.Closed, input.Length);
            if (phase == Phase.Commands && nextReply == nextSend)
            {
                if (!SendGroup(commands))
                    continue;
                if (consumed < input.Length || parser.IsMidReply)
                {
                    Break(OutOfTurn);
                    continue;
                }
            }
            if (consumed < input.Length)
            {
                var parse = parser.Read(input[consumed..], out var taken);
                consumed += taken;
                if (parse == ReplyParse.Malformed)
                    Break($"The server sent {parser.Problem}");
                else if (parse == ReplyParse.Complete)
                    Take(commands, isLast: consumed == input.Length);
                continue;
            }
            if (phase == Phase.Ready)
            {
                if (!quitWanted)
                    return new ClientStep(ClientStepKind.Ready, consumed);
                commands.Write("QUIT\r\n"u8);
                phase = Phase.Quit;
                Ending = new SessionEnding(EndingKind.Quit, 0, new EnhancedStatusCode(2, 0, 0), "Closed by QUIT");
            }
            return phase == Phase.Body
                ? new ClientStep(ClientStepKind.SendBody, consumed)
                : new ClientStep(ClientStepKind.NeedInput, consumed, Deadline());
        }
    }

    private ClientDeadline Deadline() => phase switch
    {
        Phase.Greeting => ClientDeadline.Greeting,
        Phase.Ehlo or Phase.Helo or Phase.Stage => ClientDeadline.Hello,
        Phase.Body => ClientDeadline.DataBlock,
        Phase.EndOfData => ClientDeadline.DataEnd,
        Phase.Commands => nextReply < 0 ? ClientDeadline.Mail : nextReply < results.Length ? ClientDeadline.Recipient : ClientDeadline.DataStart,
        _ => ClientDeadline.Quit,
    };

    private string Doing() => phase switch
    {
        Phase.Greeting => "waiting for the greeting",
        Phase.Ehlo => "waiting for the reply to EHLO",
        Phase.Helo => "waiting for the reply to HELO",
        Phase.Stage => "before the first transaction",
        Phase.Commands when nextReply == RsetCommand => "waiting for the reply to RSET",
        Phase.Commands when nextReply == MailCommand => "waiting for the reply to MAIL",
        Phase.Commands when nextReply < results.Length => "waiting for the reply to RCPT",
        Phase.Commands => "waiting for the reply to DATA",
        Phase.Body => "sending the message",
        Phase.EndOfData => "waiting for the reply to the end of the message",
        _ => "while idle",
    };

    private void Take(ArrayBufferWriter<byte> commands, bool isLast)
    {
        var written = commands.WrittenCount;
        TakeReply(commands);
        // What follows was sent before the command that it would be taken to answer.
        if (!isLast && phase != Phase.Closed && commands.WrittenCount != written)
            Break(OutOfTurn);
    }

    private void TakeReply(ArrayBufferWriter<byte> commands)
    {
        // RFC 5321 §3.8: 421 may answer anything; the server is closing the connection.
        if (parser.Code == 421 && phase != Phase.Quit)
        {
            EndByReply(EndingKind.PeerEnded);
            return;
        }
        switch (phase)
        {
            case Phase.Greeting:
                TakeGreeting(commands);
                break;
            case Phase.Ehlo:
            case Phase.Helo:
                TakeHello(commands);
                break;
            case Phase.Stage:
                if (!stage!.Continue(parser, commands))
                    EnterStage(commands);
                break;
            case Phase.Commands:
                TakeCommandReply(commands);
                break;
            case Phase.Body when parser.Code >= 400:
                // The server has seen enough and will not read on; after that nothing is in step any more.
                SettleAccepted(Said(parser.Code));
                EndByReply(EndingKind.PeerEnded);
                break;
            case Phase.EndOfData:
                TakeEndOfData();
                break;
            case Phase.Quit:
                phase = Phase.Closed;
                break;
            default:
                Break(OutOfTurn);
                break;
        }
    }

    private void TakeGreeting(ArrayBufferWriter<byte> commands)
    {
        if (parser.Code / 100 != 2)
        {
            Refused(commands);
            return;
        }
        Say("EHLO "u8, commands);
        phase = Phase.Ehlo;
    }

    private void TakeHello(ArrayBufferWriter<byte> commands)
    {
        var isExtended = phase == Phase.Ehlo;
        // RFC 5321 §3.2: a server that does not know EHLO is spoken to by HELO.
        if (isExtended && parser.Code is >= 500 and not 521)
        {
            Say("HELO "u8, commands);
            phase = Phase.Helo;
            return;
        }
        if (parser.Code / 100 != 2)
        {
            Refused(commands);
            return;
        }
        var peer = PeerCapabilities.Read(parser, isExtended);
        Peer = peer;
        offered = [.. settings.Extensions.Where(extension => peer.Offers(extension.Keyword))];
        nextExtension = 0;
        EnterStage(commands);
    }

    private void EnterStage(ArrayBufferWriter<byte> commands)
    {
        stage = null;
        while (stage is null && nextExtension < offered.Count)
            stage = offered[nextExtension++].BeforeMail(Peer!);
        phase = stage is null ? Phase.Ready : Phase.Stage;
        stage?.Start(commands);
    }

    // RFC 5321 §3.1: a server that refused waits for QUIT.
    private void Refused(ArrayBufferWriter<byte> commands)
    {
        if (parser.Code / 100 == 3)
        {
            Break("The server answered with a code that has no meaning here");
            return;
        }
        commands.Write("QUIT\r\n"u8);
        EndByReply(EndingKind.Refused);
    }

    private RecipientResult? FindRefusal()
    {
        foreach (var extension in settings.Extensions)
        {
            if (extension.Refuse(transaction, Peer!) is { } refusal)
                return refusal;
        }
        return transaction.Envelope.ReversePath.Mailbox is { } sender && !CommandText.CanWrite(sender)
            ? new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 1, 7), "The sender's address cannot be written in a command")
            : null;
    }

    // What would break out of its command is never sent, whoever made the envelope.
    private bool RefuseUnwritable()
    {
        var isAnyLeft = false;
        for (var i = 0; i < results.Length; i++)
        {
            if (CommandText.CanWrite(transaction.Envelope.Recipients[i].Mailbox))
                isAnyLeft = true;
            else
                results[i] = new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 1, 3), "The address cannot be written in a command");
        }
        return isAnyLeft;
    }

    // Sends what may be sent without a reply between; false where nothing is left to send, and the transaction is over.
    private bool SendGroup(ArrayBufferWriter<byte> commands)
    {
        var start = commands.WrittenCount;
        while (nextSend <= results.Length && mailRefusal.Verdict == RecipientVerdict.Open)
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
            if (!Peer!.HasPipelining || commands.WrittenCount - start >= settings.Limits.MaxGroupOctets)
                break;
        }
        if (nextReply != nextSend)
            return true;
        Finish();
        return false;
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
            commands.Write("DATA\r\n"u8);
            return;
        }
        if (command == MailCommand)
        {
            commands.Write("MAIL FROM:<"u8);
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

    private void TakeCommandReply(ArrayBufferWriter<byte> commands)
    {
        wasAnswered = true;
        if (nextReply == nextSend)
        {
            Break(OutOfTurn);
            return;
        }
        var command = nextReply++;
        while (nextReply < Math.Min(nextSend, results.Length) && nextReply >= 0 && results[nextReply].Verdict != RecipientVerdict.Open)
            nextReply++;
        var kind = parser.Code / 100;
        if (kind == 3 && command != results.Length)
        {
            Break("The server answered with a code that has no meaning here");
        }
        else if (command == RsetCommand)
        {
            if (kind == 2)
                needsReset = false;
            else
                Break("The server refused RSET");
        }
        else if (command == MailCommand)
        {
            // Whatever becomes of it, the server has a transaction open until its end of data, or RSET.
            if (kind == 2)
                needsReset = true;
            else
                mailRefusal = Said(parser.Code);
        }
        else if (command < results.Length)
        {
            TakeRecipientReply(command, kind);
        }
        else
        {
            TakeDataReply(kind, commands);
        }
    }

    private void TakeRecipientReply(int recipient, int kind)
    {
        if (mailRefusal.Verdict != RecipientVerdict.Open)
            return;
        if (kind == 2)
        {
            accepted++;
            return;
        }
        // RFC 5321 §4.5.3.1.10: 452 to a recipient after others means too many, and 552 is read as 452.
        var code = parser.Code == 552 ? 452 : parser.Code;
        var enhanced = parser.Enhanced;
        var isSurplus = code == 452 && accepted > 0
            && (enhanced.IsNone || enhanced is { Subject: 5, Detail: 3 } || (parser.Code == 552 && enhanced is { Subject: 3 }));
        results[recipient] = Said(code) with { ReplyCode = parser.Code };
        if (isSurplus)
            results[recipient] = results[recipient] with { Verdict = RecipientVerdict.Surplus };
    }

    private void TakeDataReply(int kind, ArrayBufferWriter<byte> commands)
    {
        if (kind == 2)
        {
            Break("The server answered DATA with a code that has no meaning there");
        }
        else if (kind != 3)
        {
            if (mailRefusal.Verdict == RecipientVerdict.Open)
                SettleAccepted(Said(parser.Code));
            Finish();
        }
        else if (mailRefusal.Verdict == RecipientVerdict.Open && accepted > 0)
        {
            phase = Phase.Body;
        }
        else
        {
            // RFC 2920 §3.1: 354 though nobody was accepted: end the message at once; the reply means nothing.
            commands.Write(".\r\n"u8);
            phase = Phase.EndOfData;
        }
    }

    private void TakeEndOfData()
    {
        if (parser.Code / 100 == 3)
        {
            Break("The server answered the end of the message with a code that has no meaning there");
            return;
        }
        needsReset = false;
        if (mailRefusal.Verdict == RecipientVerdict.Open)
            SettleAccepted(Said(parser.Code));
        Finish();
    }

    // Those who were accepted at RCPT are the ones without a result by now.
    private void SettleAccepted(in RecipientResult result)
    {
        foreach (ref var open in results.AsSpan())
        {
            if (open.Verdict == RecipientVerdict.Open)
                open = result;
        }
    }

    private void SettleUndecided(SessionEnding ending)
    {
        var verdict = mailRefusal.Verdict != RecipientVerdict.Open
            ? mailRefusal
            : new RecipientResult(ending.IsPermanent ? RecipientVerdict.Failed : RecipientVerdict.Deferred, ending.ReplyCode, ending.Enhanced, ending.Text)
            {
                MayHaveArrived = phase == Phase.EndOfData && ending.ReplyCode == 0,
                IsUndecided = phase != Phase.EndOfData || ending.ReplyCode != 0,
            };
        SettleAccepted(verdict);
    }

    private void Finish()
    {
        if (mailRefusal.Verdict != RecipientVerdict.Open)
            SettleAccepted(mailRefusal);
        Debug.Assert(Array.TrueForAll(results, result => result.Verdict != RecipientVerdict.Open), "Every recipient has a result.");
        Result = new TransactionResult(ImmutableCollectionsMarshal.AsImmutableArray(results), wasAnswered) { Ending = Ending };
        results = [];
        transaction = default;
        resultPending = true;
        phase = Ending is null ? Phase.Ready : Phase.Closed;
    }

    private RecipientResult Said(int code)
    {
        var verdict = code < 400 ? RecipientVerdict.Accepted : code < 500 ? RecipientVerdict.Deferred : RecipientVerdict.Failed;
        return new RecipientResult(verdict, parser.Code, EnhancedFor(code / 100), parser.ToText());
    }

    // RFC 3463 §3.1: X.0.0 where nothing more is known than the class.
    private EnhancedStatusCode EnhancedFor(int kind) =>
        parser.Enhanced.IsNone ? new EnhancedStatusCode((byte)kind, 0, 0) : parser.Enhanced with { Class = (byte)kind };

    private void EndByReply(EndingKind kind)
    {
        var code = parser.Code;
        EndAndSettle(kind, code, EnhancedFor(code == 521 ? 5 : 4), parser.ToText());
    }

    private void Break(string text) => EndAndSettle(EndingKind.Violation, 0, InvalidCommand, text);

    private void EndAndSettle(EndingKind kind, int code, EnhancedStatusCode enhanced, string text)
    {
        if (phase == Phase.Quit)
        {
            phase = Phase.Closed;
            return;
        }
        End(kind, code, enhanced, text);
        if (results.Length > 0)
        {
            SettleUndecided(Ending!);
            Finish();
        }
        phase = Phase.Closed;
    }

    private void End(EndingKind kind, int code, EnhancedStatusCode enhanced, string text) =>
        Ending = new SessionEnding(kind, code, enhanced, text);

    private void Say(ReadOnlySpan<byte> verb, ArrayBufferWriter<byte> commands)
    {
        commands.Write(verb);
        Encoding.ASCII.GetBytes(settings.HelloName, commands);
        commands.Write("\r\n"u8);
    }
}
