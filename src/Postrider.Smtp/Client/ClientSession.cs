using System.Buffers;
using System.Text;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Tls;

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
        Opening,
        Ready,
        Transaction,
        Turn,
        Turned,
        Quit,
        Closed,
    }

    internal const string OutOfTurn = "The server sent a reply that nothing had asked for";

    private static readonly EnhancedStatusCode NoAnswer = new(4, 4, 1);
    private static readonly EnhancedStatusCode BadConnection = new(4, 4, 2);
    private static readonly EnhancedStatusCode CryptographicFailure = new(4, 7, 5);

    private readonly ReplyParser parser;
    private readonly Opening opening;
    private readonly MailTransaction mail;
    private Phase phase;
    private bool quitWanted;
    private string? turnWanted;
    private bool resultPending;
    private bool workDone;

    /// <summary>Makes a session for a connection that has just been made. The first step is to wait for the greeting.</summary>
    public ClientSession(ClientSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        parser = new ReplyParser(settings.Limits.MaxReplyLineOctets, settings.Limits.MaxReplyOctets);
        opening = new Opening(settings);
        mail = new MailTransaction(settings);
    }

    /// <summary>What the server offers; null until it has answered EHLO or HELO, and again after STARTTLS.</summary>
    public PeerCapabilities? Peer => opening.Peer;

    /// <summary>What the TLS handshake settled; null while the connection is in the clear.</summary>
    public TlsFacts? Tls => opening.Tls;

    /// <summary>How the content is sent, for <see cref="ClientStepKind.SendBody"/>.</summary>
    public BodyFraming Framing => mail.Framing;

    /// <summary>The result of the last transaction, from <see cref="ClientStepKind.TransactionDone"/> on.</summary>
    public TransactionResult? Result { get; private set; }

    /// <summary>The reply to the last TURN or ATRN; null while there is none.</summary>
    public Reply? TurnReply { get; private set; }

    /// <summary>Why the session is over; null while it is not.</summary>
    public SessionEnding? Ending { get; private set; }

    /// <summary>Begins a transaction; the commands come with the next step.</summary>
    /// <param name="message">What is to be sent; one recipient at least.</param>
    /// <exception cref="InvalidOperationException">The session is not ready.</exception>
    public void Begin(in ClientTransaction message)
    {
        if (phase is not (Phase.Ready or Phase.Closed) || resultPending)
            throw new InvalidOperationException("A transaction begins when the session is ready.");
        if (message.Envelope.Recipients.Length == 0)
            throw new ArgumentException("A transaction has a recipient.", nameof(message));
        Result = null;
        mail.Begin(message);
        if (Ending is null && parser.IsMidReply)
            Ending = Progress.Violation(OutOfTurn).Ending;
        if (Ending is not null)
        {
            mail.SettleUndecided(Ending);
            Finish();
        }
        else if (mail.Prepare(Peer!, opening.Offered))
        {
            phase = Phase.Transaction;
        }
        else
        {
            Finish();
        }
    }

    /// <summary>
    /// TLS has begun: before anything was said, or as <see cref="ClientStepKind.UpgradeTls"/> asked. What the server
    /// said before is forgotten (RFC 3207 §4.2).
    /// </summary>
    /// <param name="facts">What the handshake settled.</param>
    /// <exception cref="InvalidOperationException">The session asked for no TLS.</exception>
    public void TlsEstablished(TlsFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        if (phase == Phase.Closed)
            return;
        if (phase != Phase.Opening || opening.Tls is not null || !(opening.WaitsForTls || opening.Deadline == ClientDeadline.Greeting))
            throw new InvalidOperationException("The session asked for no TLS.");
        opening.TlsEstablished(facts);
    }

    /// <summary>What is to be computed, for <see cref="ClientStepKind.Work"/>.</summary>
    public Action? Work => phase == Phase.Opening ? opening.Work : null;

    /// <summary>The work has been done.</summary>
    /// <exception cref="InvalidOperationException">The session has none.</exception>
    public void WorkDone()
    {
        if (phase == Phase.Closed)
            return;
        workDone = Work is not null ? true : throw new InvalidOperationException("The session has no work.");
    }

    /// <summary>The end of the content is being handed to the network: from here on the server may have the message.</summary>
    /// <exception cref="InvalidOperationException">No body was asked for.</exception>
    public void BodySent()
    {
        if (phase == Phase.Closed)
            return;
        if (phase != Phase.Transaction || !mail.WantsBody)
            throw new InvalidOperationException("The session asked for no body.");
        if (parser.IsMidReply && mail.Framing.Owed == 0)
            End(Progress.Violation("The server spoke before the end of the message").Ending!);
        else
            mail.BodySent();
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

    /// <summary>
    /// Says TURN (RFC 821 §3.8) or ATRN (RFC 2645) with the next step. Where the server agrees the session ends with
    /// <see cref="ClientStepKind.Turned"/>; where not it is ready again. <see cref="TurnReply"/> is there in both cases.
    /// </summary>
    /// <param name="domains">The domains to name in ATRN, none for all that are ours; null for TURN.</param>
    /// <exception cref="ArgumentException">A domain has a character in it that no domain has.</exception>
    /// <exception cref="InvalidOperationException">A transaction is under way.</exception>
    public void Turn(IReadOnlyList<string>? domains)
    {
        foreach (var domain in domains ?? [])
        {
            if (domain.Length == 0 || domain.AsSpan().ContainsAnyExceptInRange('!', '~') || domain.Contains(',', StringComparison.Ordinal))
                throw new ArgumentException($"\"{domain}\" is no domain that ATRN can name.", nameof(domains));
        }
        if (phase == Phase.Closed)
            return;
        if (phase != Phase.Ready)
            throw new InvalidOperationException("TURN is said between transactions.");
        turnWanted = domains is null ? "TURN\r\n" : domains.Count == 0 ? "ATRN\r\n" : $"ATRN {string.Join(',', domains)}\r\n";
        TurnReply = null;
    }

    /// <summary>The connection is over for a reason that the session cannot see. Ends the transaction under way.</summary>
    /// <param name="kind">Unreachable, Lost, TimedOut, HandshakeFailed or Cancelled.</param>
    /// <param name="detail">What happened, as the network says it, or null.</param>
    public void Abandon(EndingKind kind, string? detail = null)
    {
        // RFC 3463 §3.5, §3.8: X.4.1 no answer from host, X.4.2 bad connection, X.7.5 cryptographic failure.
        if (kind == EndingKind.Unreachable)
        {
            End(new SessionEnding(kind, 0, NoAnswer, detail ?? "The server cannot be reached"));
            return;
        }
        var what = kind switch
        {
            EndingKind.TimedOut => "Timed out",
            EndingKind.Cancelled => "Given up",
            EndingKind.HandshakeFailed => "The TLS handshake failed",
            _ => "The connection was lost",
        };
        var text = kind == EndingKind.HandshakeFailed ? what : $"{what} {Doing()}";
        End(new SessionEnding(kind, 0, kind == EndingKind.HandshakeFailed ? CryptographicFailure : BadConnection, detail is null ? text : $"{text}: {detail}"));
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
            if (phase == Phase.Turned)
                return new ClientStep(ClientStepKind.Turned, consumed);
            if (opening.WaitsForTls)
                return new ClientStep(ClientStepKind.UpgradeTls, consumed);
            if (Work is not null)
            {
                if (!workDone)
                    return new ClientStep(ClientStepKind.Work, consumed);
                workDone = false;
                if (consumed < input.Length)
                {
                    Break(OutOfTurn);
                    continue;
                }
                opening.WorkDone(commands);
            }
            opening.Resume(commands);
            if (phase == Phase.Transaction && mail.WantsToSend)
            {
                if (!mail.SendGroup(commands))
                {
                    Finish();
                    continue;
                }
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
            if (phase == Phase.Ready && turnWanted is { } turn)
            {
                Encoding.ASCII.GetBytes(turn, commands);
                turnWanted = null;
                phase = Phase.Turn;
            }
            if (phase == Phase.Ready)
            {
                if (!quitWanted)
                    return new ClientStep(ClientStepKind.Ready, consumed);
                commands.Write("QUIT\r\n"u8);
                phase = Phase.Quit;
                Ending = new SessionEnding(EndingKind.Quit, 0, new EnhancedStatusCode(2, 0, 0), "Closed by QUIT");
            }
            return phase == Phase.Transaction && mail.WantsBody
                ? new ClientStep(ClientStepKind.SendBody, consumed)
                : new ClientStep(ClientStepKind.NeedInput, consumed, Deadline()) { IsSecret = phase == Phase.Opening && opening.IsSecret };
        }
    }

    private ClientDeadline Deadline() => phase switch
    {
        Phase.Opening => opening.Deadline,
        Phase.Transaction => mail.Deadline,
        Phase.Turn => ClientDeadline.Turn,
        _ => ClientDeadline.Quit,
    };

    private string Doing() => phase switch
    {
        Phase.Opening => opening.Doing,
        Phase.Transaction => mail.Doing,
        Phase.Turn => "waiting for the reply to TURN",
        _ => "while idle",
    };

    private void Take(ArrayBufferWriter<byte> commands, bool isLast)
    {
        var written = commands.WrittenCount;
        TakeReply(commands);
        if (isLast || phase == Phase.Closed)
            return;
        // What follows was sent before the command that it would be taken to answer.
        if (commands.WrittenCount != written)
            Break(OutOfTurn);
        // RFC 3207 §5: behind the reply to STARTTLS nothing comes in the clear that is to be believed.
        else if (opening.WaitsForTls)
            Break("The server sent octets in the clear behind its reply to STARTTLS");
        else if (phase == Phase.Turned)
            Break("The server went on speaking behind its reply to TURN");
    }

    private void TakeReply(ArrayBufferWriter<byte> commands)
    {
        if (phase == Phase.Quit)
        {
            phase = Phase.Closed;
            return;
        }
        // RFC 5321 §3.8: 421 may answer anything; the server is closing the connection.
        if (parser.Code == 421)
        {
            End(parser.ToEnding(EndingKind.PeerEnded));
            return;
        }
        var progress = phase switch
        {
            Phase.Opening => opening.Take(parser, commands),
            Phase.Transaction => mail.Take(parser, commands),
            Phase.Turn => TakeTurn(),
            _ => Progress.Violation(OutOfTurn),
        };
        if (progress.Ending is { } ending)
            End(ending);
        else if (progress.IsDone && phase == Phase.Transaction)
            Finish();
        else if (progress.IsDone)
            phase = Phase.Ready;
    }

    private Progress TakeTurn()
    {
        TurnReply = new Reply(parser.Code, parser.Enhanced, parser.ToText());
        if (parser.Code / 100 == 3)
            return Progress.Violation("The server answered with a code that has no meaning here");
        phase = parser.Code / 100 == 2 ? Phase.Turned : Phase.Ready;
        if (phase == Phase.Turned)
            Ending = new SessionEnding(EndingKind.Turned, parser.Code, new EnhancedStatusCode(2, 0, 0), "The roles have changed");
        return Progress.GoesOn;
    }

    private void Finish()
    {
        Result = mail.Finish(Ending, Tls);
        resultPending = true;
        phase = Ending is null ? Phase.Ready : Phase.Closed;
    }

    private void Break(string text) => End(Progress.Violation(text).Ending!);

    // After QUIT has been said the ending is known, whatever comes.
    private void End(SessionEnding ending)
    {
        if (phase is not (Phase.Quit or Phase.Closed))
        {
            Ending = ending;
            if (mail.IsUnderWay)
            {
                mail.SettleUndecided(ending);
                Finish();
            }
        }
        phase = Phase.Closed;
    }
}
