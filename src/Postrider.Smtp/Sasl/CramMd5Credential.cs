namespace Postrider.Smtp.Sasl;

/// <summary>A user with a secret for on-demand relay (RFC 2645 §5.1.2): CRAM-MD5, and nothing else.</summary>
public sealed class CramMd5Credential : SaslCredential
{
    private readonly string secret;

    /// <summary>Takes user and secret.</summary>
    /// <param name="userName">The user; not empty.</param>
    /// <param name="secret">The secret; not empty.</param>
    /// <exception cref="ArgumentException">One is empty.</exception>
    public CramMd5Credential(string userName, string secret)
        : base(userName)
    {
        ArgumentException.ThrowIfNullOrEmpty(userName);
        ArgumentException.ThrowIfNullOrEmpty(secret);
        this.secret = secret;
    }

    private protected override SaslClient? Choose(IReadOnlySet<string> offered, SaslChannel channel, ReadOnlySpan<byte> nonce) =>
        offered.Contains(CramMd5.Name) ? new CramMd5Client(UserName, secret) : null;
}
