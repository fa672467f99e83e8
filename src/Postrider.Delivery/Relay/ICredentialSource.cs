using Postrider.Smtp.Sasl;

namespace Postrider.Delivery.Relay;

/// <summary>Who we are to a server, and how it is proven: a password, or a token that is got anew before it ends. Safe for concurrent use.</summary>
public interface ICredentialSource
{
    /// <summary>The user, without any secret.</summary>
    string UserName { get; }

    /// <summary>The credential of now; the same object for as long as it is good, so that connections made with it are used again.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<CredentialAnswer> GetAsync(CancellationToken cancellationToken = default);
}

/// <summary>A credential, or why there is none.</summary>
/// <param name="Credential">The credential, or null.</param>
/// <param name="Problem">Why there is none, in one line and without any secret; or null.</param>
public readonly record struct CredentialAnswer(SaslCredential? Credential, string? Problem = null);
