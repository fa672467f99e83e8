namespace Postrider.Hosting.Reception;

/// <summary>How much one client, and all of them, may take up.</summary>
public sealed class LimitOptions
{
    /// <summary>Octets of the largest message taken. 50 MB unless set; at least 64 KB (RFC 5321 §4.5.3.1.7).</summary>
    public long MessageSize { get; set; } = 50_000_000;

    /// <summary>Recipients of one message. 1,000 unless set; at least 100 (RFC 5321 §4.5.3.1.8).</summary>
    public int Recipients { get; set; } = 1000;

    /// <summary>Connections at the same time. 20,000 unless set.</summary>
    public int Connections { get; set; } = 20_000;

    /// <summary>How long the server waits for a command. 5 minutes unless set (RFC 5321 §4.5.3.2.7).</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the server waits for more of a message. 10 minutes unless set; a client gives 3 minutes to each piece (RFC 5321 §4.5.3.2.5).</summary>
    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How long a stop waits for sessions and deliveries under way. 25 seconds unless set.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(25);
}
