using Postrider.Smtp.Replies;
using Postrider.Smtp.Tls;

namespace Postrider.Smtp.Server;

/// <summary>What a session knows between two commands; the verbs read and change it.</summary>
internal sealed class Conversation(ServerSettings settings, SessionFacts facts)
{
    public ServerSettings Settings { get; } = settings;

    public SessionFacts Facts { get; set; } = facts;

    /// <summary>The transaction that is open, or null.</summary>
    public Transaction? Transaction { get; private set; }

    /// <summary>The transaction that begins if MAIL is accepted.</summary>
    public Transaction? Candidate { get; set; }

    /// <summary>
    /// The last MAIL was refused, or a chunk of the message. What was pipelined behind it is then out of sequence
    /// without being the peer's mistake (RFC 2920 §3.1, RFC 3030 §2).
    /// </summary>
    public bool MailRefused { get; set; }

    /// <summary>The connection was refused by its greeting (RFC 5321 §3.1).</summary>
    public bool IsRefused { get; set; }

    public int Errors { get; set; }

    public int IdleCommands { get; set; }

    public int RefusedRecipients { get; set; }

    /// <summary>The last refusal that is the session's own and that nobody outside has been told of; or null.</summary>
    public Reply? Refusal { get; set; }

    public void Begin()
    {
        Transaction = Candidate;
        Candidate = null;
        MailRefused = false;
    }

    public void DropTransaction()
    {
        if (Facts.Forwarded is not null)
            Facts = Facts with { Forwarded = null };
        Transaction = null;
        Candidate = null;
        MailRefused = false;
    }

    /// <summary>
    /// The connection has come under TLS: nothing that was said before counts any more (RFC 3207 §4.2). The
    /// peer's mistakes stay counted, or STARTTLS would wash them away.
    /// </summary>
    public void BeginUnderTls(TlsFacts tls)
    {
        DropTransaction();
        Facts = Facts with { Tls = tls, PeerName = null, IsExtended = false, Account = null };
    }

    /// <summary>A message has been accepted: the peer is here for mail, and its counters start again.</summary>
    public void Forgive()
    {
        Errors = 0;
        IdleCommands = 0;
        RefusedRecipients = 0;
    }
}
