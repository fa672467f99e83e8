namespace Postrider.Smtp.Sasl;

/// <summary>A user with an access token of OAuth 2.0: OAUTHBEARER (RFC 7628) or XOAUTH2.</summary>
public sealed class TokenCredential : SaslCredential
{
    private readonly string token;

    /// <summary>Takes user and token.</summary>
    /// <param name="userName">The user whose mail it is; not empty, without control characters.</param>
    /// <param name="token">The access token, in the characters of a bearer token (RFC 6750 §2.1).</param>
    /// <exception cref="ArgumentException">One is empty or holds what cannot be sent; the message does not show it.</exception>
    public TokenCredential(string userName, string token)
        : base(userName)
    {
        ArgumentException.ThrowIfNullOrEmpty(userName);
        ArgumentException.ThrowIfNullOrEmpty(token);
        if (userName.AsSpan().ContainsAnyInRange('\0', '\x1f'))
            throw new ArgumentException("A user's name holds no control characters.", nameof(userName));
        if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw new ArgumentException("A bearer token consists of printable ASCII characters.", nameof(token));
        this.token = token;
    }

    private protected override SaslClient? Choose(IReadOnlySet<string> offered, SaslChannel channel, ReadOnlySpan<byte> nonce)
    {
        if (offered.Contains(OAuthClient.BearerName))
            return OAuthClient.Bearer(UserName, token, channel.Host, channel.Port);
        return offered.Contains(OAuthClient.XOAuth2Name) ? OAuthClient.XOAuth2(UserName, token) : null;
    }
}
