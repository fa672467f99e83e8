using System.Security.Cryptography;
using System.Text.Json;

namespace Postrider.Hosting.Tokens;

/// <summary>A public key of an issuer (RFC 7517): RS256 with 2,048 bits or more, or ES256. Immutable.</summary>
internal sealed class SigningKey
{
    private readonly RSAParameters rsa;
    private readonly ECParameters ec;

    private SigningKey(string id, string algorithm, RSAParameters rsa, ECParameters ec) =>
        (Id, Algorithm, this.rsa, this.ec) = (id, algorithm, rsa, ec);

    /// <summary>What tokens call it; may be empty.</summary>
    public string Id { get; }

    /// <summary>RS256 or ES256.</summary>
    public string Algorithm { get; }

    /// <summary>The keys of a set that can be used here; others are left out (RFC 7517 §5).</summary>
    public static List<SigningKey> ReadSet(JsonElement set)
    {
        var keys = new List<SigningKey>();
        if (set.ValueKind != JsonValueKind.Object || !set.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
            return keys;
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && Read(item) is { } key)
                keys.Add(key);
        }
        return keys;
    }

    /// <summary>Whether a signature is this key's.</summary>
    public bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        try
        {
            if (Algorithm == "ES256")
            {
                using var curve = ECDsa.Create(ec);
                return curve.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }
            using var key = RSA.Create(rsa);
            return key.KeySize >= 2048 && key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            // A key that is none, from its issuer.
            return false;
        }
    }

    private static SigningKey? Read(JsonElement key)
    {
        // RFC 7517 §4.2: a key for encryption signs nothing.
        if (Text(key, "use") is not (null or "sig"))
            return null;
        var id = Text(key, "kid") ?? "";
        switch (Text(key, "kty"))
        {
            case "RSA" when Text(key, "alg") is null or "RS256" && Octets(key, "n") is { } modulus && Octets(key, "e") is { } exponent:
                return new SigningKey(id, "RS256", new RSAParameters { Modulus = modulus, Exponent = exponent }, default);
            case "EC" when Text(key, "crv") == "P-256" && Octets(key, "x") is { Length: 32 } x && Octets(key, "y") is { Length: 32 } y:
                return new SigningKey(id, "ES256", default, new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } });
            default:
                return null;
        }
    }

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[]? Octets(JsonElement key, string name) => Text(key, name) is { } text ? WebToken.Decode(text) : null;
}
