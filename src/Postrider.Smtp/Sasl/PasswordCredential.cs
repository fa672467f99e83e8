namespace Postrider.Smtp.Sasl;

/// <summary>A user with a password: SCRAM-SHA-256-PLUS, SCRAM-SHA-256, PLAIN or LOGIN, in this order.</summary>
public sealed class PasswordCredential : SaslCredential
{
    private readonly string password;
    private readonly string? prepared;
    private readonly string? preparedUser;
    private readonly string? authorizationId;

    // The last keys, so that a server's iterations are paid for once and not with each connection.
    private ScramKeys? known;

    /// <summary>Takes user and password.</summary>
    /// <param name="userName">The user; not empty.</param>
    /// <param name="password">The password; not empty.</param>
    /// <param name="authorizationId">Whom the user wants to act as (RFC 4422 §2); null for themselves.</param>
    /// <exception cref="ArgumentException">One is empty or holds a NUL.</exception>
    public PasswordCredential(string userName, string password, string? authorizationId = null)
        : base(Text(userName, nameof(userName)))
    {
        this.password = Text(password, nameof(password));
        this.authorizationId = authorizationId is null ? null : Text(authorizationId, nameof(authorizationId));
        if (SaslPreparation.TryPrepare(password, out var preparedPassword) && SaslPreparation.TryPrepare(userName, out var name))
        {
            prepared = preparedPassword;
            preparedUser = name;
        }
    }

    private protected override SaslClient? Choose(IReadOnlySet<string> offered, SaslChannel channel, ReadOnlySpan<byte> nonce)
    {
        // What RFC 4013 prohibits has no keys; PLAIN carries it as it is.
        if (prepared is not null)
        {
            var plus = offered.Contains(ScramClient.PlusName);
            var bound = !channel.ServerEndPoint.IsEmpty;
            if (plus && bound)
                return Scram(ScramBinding.Bound, channel, nonce);
            // RFC 5802 §6: "y" lets the server see that somebody in between has removed -PLUS from its list.
            if (offered.Contains(ScramClient.Name))
                return Scram(bound ? ScramBinding.NotOffered : ScramBinding.Unsupported, channel, nonce);
        }
        if (offered.Contains(PlainClient.Name))
            return new PlainClient(authorizationId, UserName, password);
        // LOGIN has no place for an authorization identity.
        return offered.Contains(LoginClient.Name) && authorizationId is null ? new LoginClient(UserName, password) : null;
    }

    private ScramClient Scram(ScramBinding binding, SaslChannel channel, ReadOnlySpan<byte> nonce) =>
        new(binding, channel.ServerEndPoint, authorizationId, preparedUser!, Convert.ToBase64String(nonce), KeysFor, KnownKeys);

    private ScramKeys? KnownKeys(byte[] salt, int iterations) =>
        known is { } last && last.Iterations == iterations && last.Salt.SequenceEqual(salt) ? last : null;

    private ScramKeys KeysFor(byte[] salt, int iterations) => KnownKeys(salt, iterations) ?? (known = ScramKeys.Derive(prepared!, salt, iterations));

    private static string Text(string text, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, name);
        return text.Contains('\0', StringComparison.Ordinal) ? throw new ArgumentException("It holds a NUL, which no mechanism can carry.", name) : text;
    }
}
