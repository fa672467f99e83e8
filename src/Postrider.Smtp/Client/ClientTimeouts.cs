namespace Postrider.Smtp.Client;

/// <summary>How long a client waits, each from its last progress. Defaults are the minimums of RFC 5321 §4.5.3.2.</summary>
public sealed record ClientTimeouts
{
    /// <summary>For a connection to be made; 30 seconds. RFC 5321 leaves it to TCP, whose minutes would hold up the next address.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the greeting (RFC 5321 §4.5.3.2.1); 5 minutes.</summary>
    public TimeSpan Greeting { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For a TLS handshake, whole; 1 minute. RFC 3207 names none.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>For the reply to EHLO or HELO; 5 minutes, as for MAIL.</summary>
    public TimeSpan Hello { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the reply to MAIL (RFC 5321 §4.5.3.2.2); 5 minutes.</summary>
    public TimeSpan Mail { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the reply to RCPT (RFC 5321 §4.5.3.2.3); 5 minutes.</summary>
    public TimeSpan Recipient { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the 354 after DATA (RFC 5321 §4.5.3.2.4); 2 minutes.</summary>
    public TimeSpan DataStart { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>For a block of the content to be taken by the network (RFC 5321 §4.5.3.2.5); 3 minutes.</summary>
    public TimeSpan DataBlock { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>For the reply to the end of the content (RFC 5321 §4.5.3.2.6); 10 minutes, since giving up early makes duplicates.</summary>
    public TimeSpan DataEnd { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For the reply to TURN or ATRN, before which the server may look through its queue (RFC 2645 §5.2.1); 10 minutes.</summary>
    public TimeSpan Turn { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>For the reply to QUIT; 5 seconds. Nothing depends on it any more.</summary>
    public TimeSpan Quit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The time limit of a wait.</summary>
    public TimeSpan For(ClientDeadline deadline) => deadline switch
    {
        ClientDeadline.Greeting => Greeting,
        ClientDeadline.Hello => Hello,
        ClientDeadline.Mail => Mail,
        ClientDeadline.Recipient => Recipient,
        ClientDeadline.DataStart => DataStart,
        ClientDeadline.DataBlock => DataBlock,
        ClientDeadline.DataEnd => DataEnd,
        ClientDeadline.Turn => Turn,
        _ => Quit,
    };
}
