using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>PLAIN (RFC 4616): authorization identity, user and password, a NUL between them.</summary>
internal sealed class PlainClient(string? authorizationId, string userName, string password) : SaslClient(Name)
{
    public const string Name = "PLAIN";

    public override byte[] InitialResponse => Encoding.UTF8.GetBytes($"{authorizationId}\0{userName}\0{password}");

    public override byte[]? Respond(ReadOnlySpan<byte> challenge) => Cancel("The server asked more than PLAIN has to say");
}
