using System.Net;
using Postrider.Hosting.Fetching;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>What the handlers know of one session: the policy it started with, the peer, the message under way.</summary>
internal sealed class ReceptionSession(ReceptionPolicy policy)
{
    /// <summary>Who may send what where.</summary>
    public ReceptionPolicy Policy { get; } = policy;

    /// <summary>The peer, as of the last question.</summary>
    public SessionFacts Facts { get; set; } = new();

    /// <summary>Whether messages are mended: who has logged in is an author, unless it is the sandbox, which shows what was sent.</summary>
    public bool MendsFields => Facts.Account is not null && !Policy.IsSandbox;

    /// <summary>What block lists say of a client, once they have been asked: its refusal, or null where none names it.</summary>
    public (IPAddress Client, Reply? Refusal)? BlockList { get; set; }

    /// <summary>Recipients refused for good since the last message that was accepted.</summary>
    public int RefusedRecipients { get; set; }

    /// <summary>The domains whose mail goes out once the roles have changed.</summary>
    public IReadOnlyList<WaitingDomain> Turning { get; set; } = [];

    /// <summary>The size that the transaction's MAIL announced, or 0.</summary>
    public long DeclaredSize { get; set; }

    /// <summary>What the times of the transaction's MAIL count from, where it has some.</summary>
    public DateTimeOffset TimesCountFrom { get; set; }

    /// <summary>The message under way, from the accepted start to its end.</summary>
    public IncomingMessage? Message { get; set; }

    /// <summary>Forgets the message under way.</summary>
    public async ValueTask AbandonMessageAsync()
    {
        if (Message is not { } message)
            return;
        Message = null;
        await message.DisposeAsync();
    }
}
