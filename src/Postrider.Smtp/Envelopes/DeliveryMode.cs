namespace Postrider.Smtp.Envelopes;

/// <summary>Where a message is to be shown or kept (RFC 821 §3.4).</summary>
public enum DeliveryMode : byte
{
    /// <summary>MAIL: in the mailbox.</summary>
    Mailbox = 0,

    /// <summary>SEND: on a terminal of the user, and nowhere else.</summary>
    Terminal = 1,

    /// <summary>SOML: on a terminal, or else in the mailbox.</summary>
    TerminalOrMailbox = 2,

    /// <summary>SAML: in the mailbox, and on a terminal too where there is one.</summary>
    TerminalAndMailbox = 3,
}
