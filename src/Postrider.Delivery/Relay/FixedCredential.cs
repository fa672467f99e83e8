using Postrider.Smtp.Sasl;

namespace Postrider.Delivery.Relay;

/// <summary>A credential that stays as it is.</summary>
/// <param name="credential">The credential.</param>
public sealed class FixedCredential(SaslCredential credential) : ICredentialSource
{
    /// <inheritdoc/>
    public string UserName => credential.UserName;

    /// <inheritdoc/>
    public ValueTask<CredentialAnswer> GetAsync(CancellationToken cancellationToken = default) => new(new CredentialAnswer(credential));
}
