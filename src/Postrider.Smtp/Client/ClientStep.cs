namespace Postrider.Smtp.Client;

/// <summary>What a client session wants next from the pump that drives it.</summary>
public enum ClientStepKind
{
    /// <summary>Send the commands, then read more input.</summary>
    NeedInput,

    /// <summary>
    /// Send the commands, then the next block of the content as <see cref="ClientSession.Framing"/> makes it; call
    /// <see cref="ClientSession.BodySent"/> as the end is handed over.
    /// </summary>
    SendBody,

    /// <summary>Begin TLS as its client (RFC 3207); then call <see cref="ClientSession.TlsEstablished"/> or <see cref="ClientSession.Abandon"/>.</summary>
    UpgradeTls,

    /// <summary>
    /// Run <see cref="ClientSession.Work"/>, which takes a processor for tens of milliseconds and may be done on any thread; then call
    /// <see cref="ClientSession.WorkDone"/>.
    /// </summary>
    Work,

    /// <summary>The transaction is over: its <see cref="ClientSession.Result"/> is there.</summary>
    TransactionDone,

    /// <summary>The session waits for its owner: a transaction may begin, or QUIT.</summary>
    Ready,

    /// <summary>
    /// The server has agreed to TURN or ATRN: the session is over, and the connection goes to a server session, which
    /// greets (RFC 821 §3.8).
    /// </summary>
    Turned,

    /// <summary>Send the commands, if any, and close the connection; <see cref="ClientSession.Ending"/> says why.</summary>
    Closed,
}

/// <summary>Which time limit of a client runs while it waits; the values are in <see cref="ClientTimeouts"/>.</summary>
public enum ClientDeadline
{
    /// <summary>Waiting for the greeting.</summary>
    Greeting,

    /// <summary>Waiting for the reply to EHLO or HELO, or to a command of an extension before MAIL.</summary>
    Hello,

    /// <summary>Waiting for the reply to MAIL or RSET.</summary>
    Mail,

    /// <summary>Waiting for the reply to RCPT.</summary>
    Recipient,

    /// <summary>Waiting for the reply to DATA.</summary>
    DataStart,

    /// <summary>Sending a block of the content.</summary>
    DataBlock,

    /// <summary>Waiting for the reply to the end of the content.</summary>
    DataEnd,

    /// <summary>Waiting for the reply to TURN or ATRN.</summary>
    Turn,

    /// <summary>Waiting for the reply to QUIT.</summary>
    Quit,
}

/// <summary>One step of a client session.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Consumed">Octets at the start of the input that are done with; the rest is given again.</param>
/// <param name="Deadline">The time limit that runs, for <see cref="ClientStepKind.NeedInput"/>.</param>
public readonly record struct ClientStep(ClientStepKind Kind, int Consumed, ClientDeadline Deadline = default)
{
    /// <summary>Whether the commands hold what must not be shown to anybody, in a log or a dialogue.</summary>
    public bool IsSecret { get; init; }
}
