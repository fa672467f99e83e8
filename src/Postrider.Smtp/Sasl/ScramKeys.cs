using System.Security.Cryptography;
using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>The keys that a password has with one salt and number of iterations (RFC 5802 §3, RFC 7677). Costs its iterations, so it is kept.</summary>
internal sealed class ScramKeys
{
    public const int HashSize = SHA256.HashSizeInBytes;

    private ScramKeys(byte[] salt, int iterations, byte[] clientKey, byte[] serverKey)
    {
        Salt = salt;
        Iterations = iterations;
        ClientKey = clientKey;
        ServerKey = serverKey;
        StoredKey = SHA256.HashData(clientKey);
    }

    public byte[] Salt { get; }

    public int Iterations { get; }

    public byte[] ClientKey { get; }

    public byte[] StoredKey { get; }

    public byte[] ServerKey { get; }

    /// <param name="prepared">The password after <see cref="SaslPreparation"/>.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="iterations">How often it is hashed.</param>
    public static ScramKeys Derive(string prepared, byte[] salt, int iterations)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(prepared), salt, iterations, HashAlgorithmName.SHA256, HashSize);
        return new ScramKeys(salt, iterations, HMACSHA256.HashData(salted, "Client Key"u8), HMACSHA256.HashData(salted, "Server Key"u8));
    }
}
