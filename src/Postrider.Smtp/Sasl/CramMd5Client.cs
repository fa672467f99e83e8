using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>CRAM-MD5 (RFC 2195 §2): the user and the digest of the server's challenge.</summary>
internal sealed class CramMd5Client(string userName, string secret) : SaslClient(CramMd5.Name)
{
    private bool hasAnswered;

    public override byte[]? Respond(ReadOnlySpan<byte> challenge)
    {
        if (hasAnswered || challenge.IsEmpty)
            return Cancel(hasAnswered ? "The server asked more than CRAM-MD5 has to say" : "The server's challenge is empty");
        hasAnswered = true;
        return Encoding.UTF8.GetBytes($"{userName} {CramMd5.Digest(secret, challenge)}");
    }
}
