using Postrider.Smtp.Replies;

namespace Postrider.Hosting.Accounts;

/// <summary>What accounts say beyond the catalogue of the protocol.</summary>
internal static class AccountReplies
{
    /// <summary>limits.loginFailures and limits.accountLoginFailures.</summary>
    public static Reply TooManyFailures { get; } = new(454, new(4, 7, 0), "Too many failed logins, try again later");

    /// <summary>As many passwords as may wait are waiting to be checked.</summary>
    public static Reply Busy { get; } = new(454, new(4, 7, 0), "Too many logins at a time, try again later");

    /// <summary>The account may not use this sender (RFC 6409 §6.1).</summary>
    public static Reply SenderNotAllowed { get; } = new(553, new(5, 7, 1), "This account may not send with this sender address");
}
