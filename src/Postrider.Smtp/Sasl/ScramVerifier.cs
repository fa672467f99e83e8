using System.Security.Cryptography;
using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>
/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802 §2, RFC 7677): enough to check it, by any
/// mechanism, and not to be found out from. Immutable.
/// </summary>
public sealed class ScramVerifier
{
    /// <summary>The fewest iterations (RFC 7677 §4): 4,096.</summary>
    public const int LeastIterations = 4_096;

    private readonly byte[] salt;
    private readonly byte[] storedKey;
    private readonly byte[] serverKey;

    /// <summary>Takes a verifier that was stored.</summary>
    /// <param name="salt">1 to 256 octets.</param>
    /// <param name="iterations">How often the password was hashed; 4,096 to 10,000,000.</param>
    /// <param name="storedKey">32 octets.</param>
    /// <param name="serverKey">32 octets.</param>
    /// <exception cref="ArgumentException">One is out of range.</exception>
    public ScramVerifier(ReadOnlySpan<byte> salt, int iterations, ReadOnlySpan<byte> storedKey, ReadOnlySpan<byte> serverKey)
    {
        if (salt.Length is < 1 or > 256)
            throw new ArgumentException("A salt has 1 to 256 octets.", nameof(salt));
        ArgumentOutOfRangeException.ThrowIfLessThan(iterations, LeastIterations);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, 10_000_000);
        if (storedKey.Length != ScramKeys.HashSize)
            throw new ArgumentException("A key of SHA-256 has 32 octets.", nameof(storedKey));
        if (serverKey.Length != ScramKeys.HashSize)
            throw new ArgumentException("A key of SHA-256 has 32 octets.", nameof(serverKey));
        this.salt = salt.ToArray();
        this.storedKey = storedKey.ToArray();
        this.serverKey = serverKey.ToArray();
        Iterations = iterations;
    }

    /// <summary>The salt.</summary>
    public ReadOnlySpan<byte> Salt => salt;

    /// <summary>How often the password is hashed.</summary>
    public int Iterations { get; }

    /// <summary>The hash of the client's key.</summary>
    public ReadOnlySpan<byte> StoredKey => storedKey;

    /// <summary>The server's key.</summary>
    public ReadOnlySpan<byte> ServerKey => serverKey;

    /// <summary>Hashes a password, which takes as long as its iterations do.</summary>
    /// <param name="prepared">The password after <see cref="SaslPreparation.TryPrepare"/>.</param>
    /// <param name="salt">16 octets or so from a cryptographic source.</param>
    /// <param name="iterations">How often it is hashed; 4,096 or more.</param>
    public static ScramVerifier Make(string prepared, ReadOnlySpan<byte> salt, int iterations)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        var keys = ScramKeys.Derive(prepared, salt.ToArray(), iterations);
        return new ScramVerifier(salt, iterations, keys.StoredKey, keys.ServerKey);
    }

    /// <summary>Whether this is the password. Takes as long as its iterations do, and equally long for right and wrong.</summary>
    /// <param name="prepared">The password after <see cref="SaslPreparation.TryPrepare"/>.</param>
    public bool Matches(string prepared)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        return CryptographicOperations.FixedTimeEquals(ScramKeys.Derive(prepared, salt, Iterations).StoredKey, storedKey);
    }

    /// <summary>Checks a client's proof over a message of authentication (RFC 5802 §3).</summary>
    /// <param name="proof">The proof.</param>
    /// <param name="authMessage">The three messages that it is over.</param>
    internal bool Proves(ReadOnlySpan<byte> proof, string authMessage)
    {
        if (proof.Length != ScramKeys.HashSize)
            return false;
        var clientKey = HMACSHA256.HashData(storedKey, Encoding.UTF8.GetBytes(authMessage));
        for (var i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= proof[i];
        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(clientKey), storedKey);
    }

    /// <summary>What shows that the server knows the password too.</summary>
    /// <param name="authMessage">The three messages that it is over.</param>
    internal byte[] Sign(string authMessage) => HMACSHA256.HashData(serverKey, Encoding.UTF8.GetBytes(authMessage));
}
