using System.Collections.Immutable;
using Postrider.Hosting.Admission;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Sasl;

namespace Postrider.Hosting.Accounts;

/// <summary>Somebody who may submit mail. Immutable.</summary>
internal sealed record Account
{
    /// <summary>The name, as it was given; two names that differ in case alone are the same.</summary>
    public required string Name { get; init; }

    /// <summary>What a password is checked against, or null where the account has none.</summary>
    public ScramVerifier? Password { get; init; }

    /// <summary>
    /// Set, the account is for on-demand relay alone and has nothing else: the secret of CRAM-MD5, which has to be kept as it is. It can
    /// log in nowhere but at a listener for that.
    /// </summary>
    public string? RelaySecret { get; init; }

    /// <summary>
    /// The senders it may use: a mailbox, <c>@domain</c> for all of a domain, or <c>*</c>. Empty: the mailbox that is
    /// its name, or, where the name is none, the mailbox of that name at any domain that is served here.
    /// </summary>
    public ImmutableArray<string> Senders { get; init; } = [];

    /// <summary>SHA-256 fingerprints of the client certificates that stand for it, hexadecimal in lower case.</summary>
    public ImmutableArray<string> Certificates { get; init; } = [];

    /// <summary>The mechanisms it may log in by; empty for all there are.</summary>
    public ImmutableArray<string> Mechanisms { get; init; } = [];

    /// <summary>Messages it may begin, where that is not <c>limits.accountMessageRate</c>.</summary>
    public RateLimit? MessageRate { get; init; }

    /// <summary>Recipients it may name, where that is not <c>limits.accountRecipientRate</c>.</summary>
    public RateLimit? RecipientRate { get; init; }

    /// <summary>Whether its password is to be set anew before it is good for a login.</summary>
    public bool MustChangePassword { get; init; }

    /// <summary>Whether it may use a sender.</summary>
    /// <param name="sender">The reverse-path's mailbox.</param>
    /// <param name="isServed">Whether a domain is served here.</param>
    public bool MaySendAs(Mailbox sender, Func<Mailbox, bool> isServed)
    {
        if (Senders.IsEmpty)
        {
            return Name.Contains('@', StringComparison.Ordinal)
                ? IsSame(sender.ToString(), Name)
                : IsSame(sender.LocalPart, Name) && isServed(sender);
        }
        foreach (var pattern in Senders)
        {
            if (pattern == "*" || (pattern[0] == '@' ? IsSame(sender.Domain, pattern[1..]) : IsSame(sender.ToString(), pattern)))
                return true;
        }
        return false;
    }

    private static bool IsSame(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
