using Postrider.Smtp.Addresses;

namespace Postrider.Delivery.People;

/// <summary>A mailbox and the name of whom it belongs to.</summary>
/// <param name="Mailbox">The mailbox.</param>
/// <param name="FullName">The name as people write it, or null.</param>
public sealed record NamedMailbox(Mailbox Mailbox, string? FullName = null)
{
    /// <summary><c>Full Name &lt;mailbox&gt;</c>, as VRFY and EXPN give it (RFC 5321 §3.5.1); without a name the mailbox in its brackets.</summary>
    public override string ToString() => FullName is null ? $"<{Mailbox}>" : $"{FullName} <{Mailbox}>";
}
