namespace Postrider.Load.Sending;

/// <summary>What a sending connection waits for.</summary>
internal enum SendingStage : byte
{
    /// <summary>Not connected, and its turn has not come.</summary>
    Closed,

    /// <summary>The connection.</summary>
    Connect,

    /// <summary>The handshake of TLS.</summary>
    Handshake,

    /// <summary>The answer to STARTTLS.</summary>
    StartTls,

    /// <summary>The greeting.</summary>
    Greeting,

    /// <summary>The answer to EHLO.</summary>
    Hello,

    /// <summary>The answers to MAIL, RCPT and DATA.</summary>
    Envelope,

    /// <summary>The answer to the message.</summary>
    Message,

    /// <summary>The answer to RSET.</summary>
    Reset,

    /// <summary>The answer to QUIT.</summary>
    Quit,

    /// <summary>Nothing: it is open, and no message is to be sent now.</summary>
    Parked,
}
