using System.Security.Cryptography;
using System.Text;
using Postrider.Smtp.Sasl;

namespace Postrider.Hosting.Accounts;

/// <summary>
/// What a user that is not there has to prove: always the same for a name, and nothing proves it. Keyed by a
/// secret of the data folder, so that nobody else can tell a salt of ours from a real one (RFC 5802 §9).
/// </summary>
internal sealed class FakeVerifiers(byte[] secret)
{
    /// <summary>Octets of the secret.</summary>
    public const int SecretSize = 32;

    /// <summary>How often passwords are hashed: between the 4,096 of RFC 7677 and what a login may cost (docs/decisions/0101).</summary>
    public const int Iterations = 100_000;

    /// <summary>Octets of a salt.</summary>
    public const int SaltSize = 16;

    /// <summary>The verifier of a name.</summary>
    public ScramVerifier For(string name)
    {
        var key = SaslPreparation.TryPrepare(name, out var prepared) ? prepared.ToUpperInvariant() : name;
        return new ScramVerifier(Derive("salt", key).AsSpan(0, SaltSize), Iterations, Derive("stored", key), Derive("server", key));
    }

    private byte[] Derive(string what, string name) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes($"{what} {name}"));
}
