namespace Postrider.Smtp.Sasl;

/// <summary>PLAIN (RFC 4616): authorization identity, user and password, a NUL between them.</summary>
internal sealed class PlainServer : SaslServer
{
    public override SaslTurn Respond(ReadOnlySpan<byte> response)
    {
        if (Text(response) is not { } text || text.Split('\0') is not [var authorizationId, { Length: > 0 } userName, { Length: > 0 } password])
            return SaslTurn.Malformed;
        return SaslTurn.Ask(new PasswordQuestion(PlainClient.Name, userName, password, authorizationId.Length == 0 ? null : authorizationId));
    }
}
