using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Postrider.Hosting.Tokens;

/// <summary>A signed JSON Web Token (RFC 7519, RFC 7515 compact form), read and not believed yet.</summary>
internal sealed class WebToken
{
    // RFC 8725 §2.4 and §3.4: what came from outside is bounded before it is looked at.
    private static readonly JsonDocumentOptions shallow = new() { MaxDepth = 16 };

    private readonly byte[] signed;
    private readonly byte[] signature;

    private WebToken(JsonElement header, JsonElement claims, byte[] signed, byte[] signature) =>
        (Header, Claims, this.signed, this.signature) = (header, claims, signed, signature);

    private JsonElement Header { get; }

    private JsonElement Claims { get; }

    /// <summary>The name of the key it is signed by, or empty.</summary>
    public string KeyId => Text(Header, "kid") ?? "";

    /// <summary>Reads a token; false where it is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out WebToken? token)
    {
        token = null;
        if (text.Split('.') is not [var headerText, var claimsText, var signatureText]
            || Decode(headerText) is not { } header || Decode(claimsText) is not { } claims || Decode(signatureText) is not { Length: > 0 } signature)
        {
            return false;
        }
        if (Parse(header) is not { } headerObject || Parse(claims) is not { } claimsObject)
            return false;
        token = new WebToken(headerObject, claimsObject, Encoding.ASCII.GetBytes($"{headerText}.{claimsText}"), signature);
        return true;
    }

    /// <summary>Whether one of these keys signed it. The key says how, and the token must say the same (RFC 8725 §3.1).</summary>
    public bool IsSignedBy(IEnumerable<SigningKey> keys)
    {
        // RFC 7515 §4.1.11: extensions that must be understood are not.
        if (Header.TryGetProperty("crit", out _))
            return false;
        var algorithm = Text(Header, "alg");
        return keys.Any(key => key.Algorithm == algorithm && (KeyId.Length == 0 || key.Id == KeyId) && key.Verifies(signed, signature));
    }

    /// <summary>Checks the claims of a token whose signature is right.</summary>
    /// <param name="options">Whose it must be, and for whom.</param>
    /// <param name="now">The time.</param>
    /// <returns>The name of the account, or null.</returns>
    public string? AccountFor(TokenOptions options, DateTimeOffset now)
    {
        // Clocks differ a little.
        var skew = TimeSpan.FromMinutes(1);
        if (Text(Claims, "iss") != options.Issuer || !IsFor(options.Audience))
            return null;
        if (Time("exp") is not { } expires || now >= expires + skew || (Time("nbf") is { } notBefore && now < notBefore - skew))
            return null;
        // OpenID Connect Core §5.1: an address that the issuer has not seen to be the user's.
        if (options.AccountClaim == "email" && Claims.TryGetProperty("email_verified", out var verified) && verified.ValueKind == JsonValueKind.False)
            return null;
        return Text(Claims, options.AccountClaim) is { Length: > 0 } name ? name : null;
    }

    /// <summary>Base64url without padding (RFC 7515 §2); null where it is not written so.</summary>
    public static byte[]? Decode(string text)
    {
        var octets = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return !text.AsSpan().ContainsAny("= \t\r\n") && Base64Url.DecodeFromChars(text, octets, out _, out var length) == OperationStatus.Done ? octets[..length] : null;
    }

    private static JsonElement? Parse(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, shallow);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool IsFor(string audience) => Claims.TryGetProperty("aud", out var aud) && (aud.ValueKind switch
    {
        JsonValueKind.String => aud.GetString() == audience,
        JsonValueKind.Array => aud.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == audience),
        _ => false,
    });

    private DateTimeOffset? Time(string claim) =>
        Claims.TryGetProperty(claim, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 253402300000
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : null;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
