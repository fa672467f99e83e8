using System.Text;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Sasl;

/// <summary>
/// OAUTHBEARER (RFC 7628) and XOAUTH2. A token that is refused is told so in JSON; whatever the client says to
/// that, the exchange then fails (RFC 7628 §3.2.3).
/// </summary>
internal sealed class OAuthServer(string mechanism) : SaslServer
{
    private Reply? refusal;

    public override SaslTurn Respond(ReadOnlySpan<byte> response)
    {
        if (refusal is not null)
            return SaslTurn.Fail(refusal);
        if (Text(response) is not { } text)
            return SaslTurn.Malformed;
        var (userName, pairs) = mechanism == OAuthClient.BearerName ? ReadBearer(text) : ReadXOAuth2(text);
        if (userName is null || Token(pairs) is not { } token)
            return SaslTurn.Malformed;
        return SaslTurn.Ask(new TokenQuestion(mechanism, userName, token));
    }

    public override SaslTurn Refused(Question question, Reply reply)
    {
        if (question is not TokenQuestion token || !reply.IsPermanentFailure)
            return SaslTurn.Fail(reply);
        refusal = reply;
        // XOAUTH2 clients read status as the number of an HTTP response.
        var status = mechanism == OAuthClient.BearerName ? token.Status : "401";
        var discovery = token.Discovery is null ? "" : $",\"openid-configuration\":\"{token.Discovery}\"";
        return SaslTurn.Send(Encoding.UTF8.GetBytes($"{{\"status\":\"{status}\",\"schemes\":\"bearer\"{discovery}}}"));
    }

    // gs2-header, then pairs of key and value that each end with %x01, then one more (RFC 7628 §3.1).
    private static (string? UserName, string[] Pairs) ReadBearer(string text)
    {
        var parts = text.Split('\x01');
        if (parts is not [var header, _, .., "", ""] || header.Split(',') is not [{ } flag, { } authorization, ""] || flag is not ("n" or "y"))
            return default;
        if (authorization.Length == 0)
            return ("", parts[1..^2]);
        return (authorization.StartsWith("a=", StringComparison.Ordinal) ? SaslName.Unescape(authorization[2..]) : null, parts[1..^2]);
    }

    private static (string? UserName, string[] Pairs) ReadXOAuth2(string text) =>
        text.Split('\x01') is [var user, _, "", ""] parts && user.StartsWith("user=", StringComparison.Ordinal)
            ? (user[5..], parts[1..^2])
            : default;

    private static string? Token(string[] pairs)
    {
        string? token = null;
        foreach (var pair in pairs)
        {
            if (!pair.StartsWith("auth=", StringComparison.Ordinal))
                continue;
            const string Scheme = "Bearer ";
            var value = pair.AsSpan(5);
            if (token is not null || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
                return null;
            value = value[Scheme.Length..].Trim(' ');
            if (value.IsEmpty || value.ContainsAnyExceptInRange('!', '~'))
                return null;
            token = value.ToString();
        }
        return token;
    }
}
