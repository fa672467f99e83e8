namespace Postrider.Smtp.Server;

/// <summary>
/// Every bound of a server session, each with the RFC section it comes from. Immutable; a session
/// keeps the ones it started with.
/// </summary>
public sealed record ServerLimits
{
    /// <summary>The defaults.</summary>
    public static ServerLimits Default { get; } = new();

    /// <summary>
    /// Octets of a command line with its CRLF: 512 (RFC 5321 §4.5.3.1.4). Extensions that are on raise
    /// it by what their RFC asks for.
    /// </summary>
    public int CommandLine { get; init => field = AtLeast(value, 64); } = 512;

    /// <summary>Octets of a line of an authentication exchange, and of AUTH itself, with its CRLF: 12,288 (RFC 4954 §4).</summary>
    public int DialogueLine { get; init => field = AtLeast(value, 512); } = 12_288;

    /// <summary>Octets of a path with its angle brackets: 256 (RFC 5321 §4.5.3.1.3).</summary>
    public int Path { get; init => field = AtLeast(value, 16); } = 256;

    /// <summary>Octets of a local part as it is written: 64 (RFC 5321 §4.5.3.1.1).</summary>
    public int LocalPart { get; init => field = AtLeast(value, 10); } = 64;

    /// <summary>Octets of a domain: 255 (RFC 5321 §4.5.3.1.2).</summary>
    public int Domain { get; init => field = AtLeast(value, 4); } = 255;

    /// <summary>Recipients of one transaction: 1,000; the RFC wants 100 at least (RFC 5321 §4.5.3.1.8).</summary>
    public int Recipients { get; init => field = AtLeast(value, 1); } = 1000;

    /// <summary>
    /// Octets of a message: 50 MiB, at least 64 KB (RFC 5321 §4.5.3.1.7); announced by SIZE
    /// (RFC 1870). 0 for no limit.
    /// </summary>
    public long MessageSize { get; init => field = AtLeast(value, 0); } = 50 * 1024 * 1024;

    /// <summary>Octets of the header section, the empty line behind it counted: 256 KB. No RFC limits it; memory does.</summary>
    public int HeaderSize { get; init => field = AtLeast(value, 64); } = 256 * 1024;

    /// <summary>Wrong commands since the last accepted message, before the session is closed with 421 (RFC 5321 §4.3.2): 20.</summary>
    public int Errors { get; init => field = AtLeast(value, 1); } = 20;

    /// <summary>
    /// Commands that bring no mail forward (NOOP, RSET, HELP, VRFY, EHLO, HELO) since the last accepted
    /// message, before the session is closed with 421: 100.
    /// </summary>
    public int IdleCommands { get; init => field = AtLeast(value, 1); } = 100;

    /// <summary>
    /// Recipients refused for good since the last accepted message: 100. The session is then closed with 421, or, where the
    /// transaction has recipients, the others get 452 until its message is there. No RFC limits it; who guesses names does
    /// not get further (RFC 5321 §7.3).
    /// </summary>
    public int RefusedRecipients { get; init => field = AtLeast(value, 1); } = 100;

    /// <summary>How long a session waits for the next command: 5 minutes (RFC 5321 §4.5.3.2.7).</summary>
    public TimeSpan CommandTimeout { get; init => field = Positive(value); } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a session waits for the next piece of a body: 10 minutes, longer than the 3 minutes a
    /// client gives to each (RFC 5321 §4.5.3.2.5).
    /// </summary>
    public TimeSpan BodyTimeout { get; init => field = Positive(value); } = TimeSpan.FromMinutes(10);

    /// <summary>How long a TLS handshake may take: 1 minute. No RFC limits it.</summary>
    public TimeSpan HandshakeTimeout { get; init => field = Positive(value); } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Octets a second that a body has to come at, once it has used up <see cref="BodyTimeout"/>: 100. No RFC has one; a
    /// modem of 1985 was faster.
    /// </summary>
    public int MinimumRate { get; init => field = AtLeast(value, 1); } = 100;

    private static int AtLeast(int value, int least)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        return value;
    }

    private static long AtLeast(long value, long least)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        return value;
    }

    private static TimeSpan Positive(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
        return value;
    }
}
