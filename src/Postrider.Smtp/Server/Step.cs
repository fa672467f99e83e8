namespace Postrider.Smtp.Server;

/// <summary>What a session wants next from the pump that drives it.</summary>
public enum StepKind
{
    /// <summary>Send the replies, then read more input.</summary>
    NeedInput,

    /// <summary>Put <see cref="Step.Question"/> to policy, then give the answer.</summary>
    Ask,

    /// <summary>Hand on a slice of the body, then advance over the rest of the input.</summary>
    Body,

    /// <summary>Send the replies, make the TLS handshake, and say how it went: <see cref="ServerSession.TlsEstablished"/>, or close.</summary>
    UpgradeTls,

    /// <summary>
    /// Send the replies; then the session is over, and the connection goes to a client session: the roles have
    /// changed, and the peer greets (RFC 821 §3.8). Nothing of the input is left.
    /// </summary>
    Turn,

    /// <summary>Send the replies and close the connection.</summary>
    Close,
}

/// <summary>Which time limit of the session runs while it waits (RFC 5321 §4.5.3.2).</summary>
public enum SessionDeadline
{
    /// <summary>Waiting for a command.</summary>
    Command,

    /// <summary>Waiting for more of a body.</summary>
    Body,
}

/// <summary>
/// One step of a session. <see cref="Consumed"/> octets at the start of the input are done with; what
/// is behind them is given again to the next call. A body slice has been compacted in place and lies
/// in the input at <see cref="BodyStart"/>, within the octets consumed.
/// </summary>
public readonly record struct Step(StepKind Kind, int Consumed)
{
    /// <summary>Where the slice begins in the input, for <see cref="StepKind.Body"/>.</summary>
    public int BodyStart { get; init; }

    /// <summary>Its length in octets; 1 or more, for <see cref="StepKind.Body"/>.</summary>
    public int BodyLength { get; init; }

    /// <summary>The question, for <see cref="StepKind.Ask"/>; the session may re-use the object for a later one.</summary>
    public Question? Question { get; init; }

    /// <summary>
    /// Whether a command was dealt with, for <see cref="StepKind.NeedInput"/>: the next one then has its whole time. What
    /// is skipped of a line that is too long brings nothing forward.
    /// </summary>
    public bool HasAdvanced { get; init; }

    /// <summary>The time limit that runs, for <see cref="StepKind.NeedInput"/>.</summary>
    public SessionDeadline Deadline { get; init; }
}
