using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>
/// What an account demands beyond a right proof. It is asked once the proof was found right, so that nobody else learns anything
/// of the account; it is no failure that counts.
/// </summary>
internal static class LoginTerms
{
    /// <summary>The refusal of a login that is proven, which has been logged, or null.</summary>
    /// <param name="account">The account.</param>
    /// <param name="mechanism">By what it was proven.</param>
    /// <param name="facts">The peer.</param>
    /// <param name="log">Is told of a refusal.</param>
    public static Reply? Refuse(Account account, string mechanism, SessionFacts facts, LoginLog log)
    {
        var refusal = !account.Mechanisms.IsEmpty && !account.Mechanisms.Contains(mechanism, StringComparer.Ordinal) ? ReplyCatalogue.AuthTooWeak
            : account.MustChangePassword && SaslMechanisms.ForPasswords.Contains(mechanism, StringComparer.Ordinal) ? ReplyCatalogue.AuthTransition
            : null;
        if (refusal is not null)
            log.Refused(facts, mechanism, account.Name, refusal);
        return refusal;
    }
}
