using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>
/// What both sides of CRAM-MD5 (RFC 2195 §2) have in common. It shows no password, but the server has to keep it as it
/// is, and what is read along can be guessed at: it is here for on-demand relay alone, whose clients know nothing else.
/// </summary>
internal static class CramMd5
{
    public const string Name = "CRAM-MD5";

    /// <summary>The digest that proves the secret: 32 hexadecimal digits in lower case.</summary>
    [SuppressMessage("Security", "CA5351", Justification = "It is what the mechanism is made of.")]
    public static string Digest(string secret, ReadOnlySpan<byte> challenge) =>
        Convert.ToHexStringLower(HMACMD5.HashData(Encoding.UTF8.GetBytes(secret), challenge));
}
