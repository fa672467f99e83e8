using Postrider.Smtp.Sasl;

namespace Postrider.Hosting.Accounts;

/// <summary>Whom an account may act as (RFC 4422 §2): itself, and nobody else.</summary>
internal static class ActsAs
{
    public static bool Self(Account account, string? authorizationId) =>
        authorizationId is null
        || (SaslPreparation.TryPrepare(authorizationId, out var prepared) && string.Equals(prepared, account.Name, StringComparison.OrdinalIgnoreCase));
}
