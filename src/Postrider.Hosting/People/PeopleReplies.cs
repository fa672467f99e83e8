using System.Text;
using Postrider.Delivery.People;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.People;

/// <summary>What VRFY and EXPN have in common: how a name is read, and how a mailbox is shown.</summary>
internal static class PeopleReplies
{
    /// <summary>The address that the argument is, with or without brackets, or null: it is a name.</summary>
    public static Mailbox? ReadAddress(string name)
    {
        var address = name is ['<', .. var inner, '>'] ? inner : name;
        if (address.Equals("postmaster", StringComparison.OrdinalIgnoreCase))
            return new Mailbox(address, "");
        return AddressParser.TryParseMailbox(address, out var mailbox, out _) ? mailbox : null;
    }

    /// <summary>
    /// The line for a mailbox, or null where that takes UTF-8 that was not asked for. A full name is left out then:
    /// it may be there, the mailbox must (RFC 5321 §3.5.1).
    /// </summary>
    public static string? Line(NamedMailbox mailbox, bool smtpUtf8)
    {
        if (!smtpUtf8 && !mailbox.Mailbox.IsAscii)
            return null;
        return smtpUtf8 || mailbox.FullName is null || Ascii.IsValid(mailbox.FullName)
            ? mailbox.ToString()
            : new NamedMailbox(mailbox.Mailbox).ToString();
    }

    /// <summary>The answer that gives a reply; none is the session's own 252.</summary>
    public static Answer ToAnswer(Reply? reply) =>
        reply is null ? Answer.Accept() : reply.IsPositive ? Answer.Accept(reply) : Answer.Refuse(reply);
}
