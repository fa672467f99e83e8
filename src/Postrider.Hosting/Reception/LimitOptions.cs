using Postrider.Hosting.Admission;

namespace Postrider.Hosting.Reception;

/// <summary>
/// How much one client, and all of them, may take up. An address of IPv6 stands for its network of
/// <see cref="IPv6Address"/> bits, which is what one subscriber has at least.
/// </summary>
public sealed class LimitOptions
{
    /// <summary>Octets of the largest message taken. 50 MB unless set; at least 64 KB (RFC 5321 §4.5.3.1.7).</summary>
    public long MessageSize { get; set; } = 50_000_000;

    /// <summary>Recipients of one message. 1,000 unless set; at least 100 (RFC 5321 §4.5.3.1.8).</summary>
    public int Recipients { get; set; } = 1000;

    /// <summary>Connections at the same time. 20,000 unless set.</summary>
    public int Connections { get; set; } = 20_000;

    /// <summary>Connections of one address at the same time; 0 for no limit. 50 unless set, as Postfix has it.</summary>
    public int ConnectionsPerAddress { get; set; } = 50;

    /// <summary>Connections of one network at the same time; 0 for no limit. 200 unless set: four addresses of it at their limit.</summary>
    public int ConnectionsPerNetwork { get; set; } = 200;

    /// <summary>New connections of one address. 120 in a minute unless set: one that re-uses none of them still sends two messages a second.</summary>
    public RateLimit ConnectionRate { get; set; } = new(120, TimeSpan.FromMinutes(1));

    /// <summary>
    /// Messages that one address begins. 600 in a minute unless set: what large senders send to a middling host, and a
    /// thirtieth of what this server takes.
    /// </summary>
    public RateLimit MessageRate { get; set; } = new(600, TimeSpan.FromMinutes(1));

    /// <summary>Recipients that one address names, refused ones too. 3,000 in a minute unless set: five for each message.</summary>
    public RateLimit RecipientRate { get; set; } = new(3000, TimeSpan.FromMinutes(1));

    /// <summary>Messages that one account begins. 1,000 in an hour unless set: no person writes that many, and a stolen password does not pay.</summary>
    public RateLimit AccountMessageRate { get; set; } = new(1000, TimeSpan.FromHours(1));

    /// <summary>Recipients that one account names. 10,000 in a day unless set, as Exchange Online has it.</summary>
    public RateLimit AccountRecipientRate { get; set; } = new(10_000, TimeSpan.FromDays(1));

    /// <summary>Logins of one address that fail. 10 in 10 minutes unless set: more than a person mistypes, and 1,440 guesses a day.</summary>
    public RateLimit LoginFailures { get; set; } = new(10, TimeSpan.FromMinutes(10));

    /// <summary>Logins to one account that fail, from wherever. 100 in an hour unless set: many addresses guess no more than 2,400 times a day.</summary>
    public RateLimit AccountLoginFailures { get; set; } = new(100, TimeSpan.FromHours(1));

    /// <summary>Bits of an IPv4 address that make a network, 8 to 32. 24 unless set: no smaller network is announced on the Internet.</summary>
    public int IPv4Network { get; set; } = 24;

    /// <summary>Bits of an IPv6 address that count as one address, 32 to 128. 64 unless set: the subnet of RFC 4291 §2.5.4.</summary>
    public int IPv6Address { get; set; } = 64;

    /// <summary>Bits of an IPv6 address that make a network, 16 to 128. 48 unless set: what one site is given at most (RFC 6177).</summary>
    public int IPv6Network { get; set; } = 48;

    /// <summary>
    /// Networks without limits of address and network: addresses or prefixes. Those of <see cref="SmtpServerOptions.RelayFrom"/>
    /// unless set; the limits of accounts hold for them too.
    /// </summary>
    public IList<string>? Exempt { get; set; }

    /// <summary>
    /// How long clients that are not exempt wait for their greeting; one that speaks before it is closed with 554. None unless
    /// set; 6 seconds, as Postfix's postscreen has it, find most of what there is to be found.
    /// </summary>
    public TimeSpan GreetingDelay { get; set; }

    /// <summary>How long the server waits for a command. 5 minutes unless set (RFC 5321 §4.5.3.2.7).</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the server waits for more of a message. 3 minutes unless set, which a client gives to each piece (RFC 5321 §4.5.3.2.5).</summary>
    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>How long a TLS handshake may take. 1 minute unless set, 1 second to 10 minutes: it is a few packets each way.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Octets a second at which a message has to come once it has been waited for as long as that; 1 to 100,000. 100 unless set.</summary>
    public int MinimumRate { get; set; } = 100;

    /// <summary>
    /// Octets of a command line with its CRLF, without what extensions add to it. 512 unless set (RFC 5321 §4.5.3.1.4), which is the
    /// least; 12,288 at most.
    /// </summary>
    public int CommandLine { get; set; } = 512;

    /// <summary>Octets of a line in which somebody logs in, with its CRLF. 12,288 unless set (RFC 4954 §4), and at most; 512 at least.</summary>
    public int LoginLine { get; set; } = 12_288;

    /// <summary>Octets of a message's header section. 256 KiB unless set, and at most, 16 KiB at least: what the queue holds of it in memory.</summary>
    public long HeaderSize { get; set; } = 256 * 1024;

    /// <summary>Received fields of a message; one with more goes round in a circle. 100 unless set (RFC 5321 §6.3), which is the least.</summary>
    public int ReceivedFields { get; set; } = 100;

    /// <summary>
    /// Parts of a message that are looked at where it has to be converted for another server. 1,000 unless set, 10 to 100,000; one with more
    /// is not converted, and comes back. Mail that people write has a few dozen at most.
    /// </summary>
    public int MimeParts { get; set; } = 1000;

    /// <summary>Wrong commands of a session since its last accepted message. 20 unless set, 1 to 10,000 (RFC 5321 §4.3.2).</summary>
    public int Errors { get; set; } = 20;

    /// <summary>Commands of a session that bring no mail forward, since its last accepted message. 100 unless set, 10 to 10,000.</summary>
    public int IdleCommands { get; set; } = 100;

    /// <summary>
    /// Recipients of a session that are refused for good, since its last accepted message. 100 unless set, 10 to 50,000. Behind the
    /// first ten, clients that are not exempt and have not logged in wait a second for each, as Postfix has it.
    /// </summary>
    public int RefusedRecipients { get; set; } = 100;

    /// <summary>
    /// Octets of memory for the bodies of all sessions together. Where it is used up bodies go to files, and clients wait for their
    /// 354; after 30 seconds they are put off with 452. 256 MiB unless set, 16 MiB and more.
    /// </summary>
    public long BodyMemory { get; set; } = 256 << 20;

    /// <summary>
    /// Octets of memory for what sessions are being served with, all of them together: buffers and recipients. Where the buffers are
    /// used up sessions wait for each other; transactions get no more recipients for now (452). 256 MiB unless set, which serves 4,096
    /// sessions at the same moment; 16 MiB and more.
    /// </summary>
    public long SessionMemory { get; set; } = 256 << 20;

    /// <summary>How long a stop waits for sessions and deliveries under way. 25 seconds unless set.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(25);
}
