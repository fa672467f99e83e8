namespace Postrider.Smtp.Sasl;

/// <summary>LOGIN (draft-murchison-sasl-login): user, then password. Clients that send the user with AUTH are served too.</summary>
internal sealed class LoginServer : SaslServer
{
    private string? userName;

    public override byte[] FirstChallenge => "Username:"u8.ToArray();

    public override SaslTurn Respond(ReadOnlySpan<byte> response)
    {
        if (Text(response) is not { Length: > 0 } text || text.Contains('\0', StringComparison.Ordinal))
            return SaslTurn.Malformed;
        if (userName is not null)
            return SaslTurn.Ask(new PasswordQuestion(LoginClient.Name, userName, text, null));
        userName = text;
        return SaslTurn.Send("Password:"u8.ToArray());
    }
}
