namespace Postrider.Smtp.Sasl;

/// <summary>Who a client is and how it proves it. Immutable but for keys it remembers; serves any number of sessions.</summary>
/// <remarks><see cref="object.ToString"/> names the user and no secret.</remarks>
public abstract class SaslCredential
{
    /// <summary>Octets of randomness that <see cref="Begin"/> takes: 24.</summary>
    public const int NonceSize = 24;

    private protected SaslCredential(string userName) => UserName = userName;

    /// <summary>The user.</summary>
    public string UserName { get; }

    /// <summary>Begins an exchange by the strongest mechanism that the server offers and this credential knows.</summary>
    /// <param name="offered">The mechanisms that the server offers, in any case.</param>
    /// <param name="channel">The connection.</param>
    /// <param name="nonce"><see cref="NonceSize"/> octets from a cryptographic source, for this exchange alone.</param>
    /// <param name="refusal">Why there is none, in words; null where there is one.</param>
    /// <returns>The exchange, or null.</returns>
    public SaslClient? Begin(IReadOnlyCollection<string> offered, SaslChannel channel, ReadOnlySpan<byte> nonce, out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(offered);
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentOutOfRangeException.ThrowIfLessThan(nonce.Length, NonceSize, nameof(nonce));
        refusal = null;
        if (!channel.IsProtected)
        {
            refusal = "Credentials are not sent over a connection in the clear";
            return null;
        }
        var names = new HashSet<string>(offered, StringComparer.OrdinalIgnoreCase);
        if (Choose(names, channel, nonce) is { } client)
            return client;
        refusal = offered.Count == 0
            ? "The server offers no authentication"
            : $"The server offers {string.Join(' ', offered)}, of which this client can use none";
        return null;
    }

    /// <inheritdoc/>
    public sealed override string ToString() => UserName;

    private protected abstract SaslClient? Choose(IReadOnlySet<string> offered, SaslChannel channel, ReadOnlySpan<byte> nonce);
}
