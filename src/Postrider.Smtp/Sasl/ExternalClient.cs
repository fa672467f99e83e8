using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>EXTERNAL (RFC 4422 appendix A): TLS has proven who the client is; it only says whom it acts as.</summary>
internal sealed class ExternalClient(string authorizationId) : SaslClient(Name)
{
    public const string Name = "EXTERNAL";

    public override byte[] InitialResponse => Encoding.UTF8.GetBytes(authorizationId);

    public override byte[]? Respond(ReadOnlySpan<byte> challenge) => Cancel("The server asked more than EXTERNAL has to say");
}
