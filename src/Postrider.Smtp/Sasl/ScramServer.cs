using System.Text;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Sasl;

/// <summary>
/// SCRAM-SHA-256 and -PLUS (RFC 5802, RFC 7677). With channel binding the proof holds for this TLS connection
/// only; without, a client that could have bound and was not offered it has somebody in between (§6).
/// </summary>
/// <param name="mechanism">One of the two names.</param>
/// <param name="offersPlus">Whether this peer was offered -PLUS.</param>
/// <param name="serverEndPoint">The data of tls-server-end-point, for -PLUS.</param>
internal sealed class ScramServer(string mechanism, bool offersPlus, ReadOnlyMemory<byte> serverEndPoint) : SaslServer
{
    private ScramStartQuestion? start;
    private string header = "";
    private string? authorizationId;
    private string clientFirstBare = "";
    private string serverFirst = "";
    private string nonce = "";
    private byte[]? signature;
    private string? account;

    public override SaslTurn Respond(ReadOnlySpan<byte> response)
    {
        if (account is not null)
            return response.IsEmpty ? SaslTurn.Succeed(account) : SaslTurn.Malformed;
        if (Text(response) is not { } text)
            return SaslTurn.Malformed;
        return start is null ? Start(text) : Prove(text);
    }

    public override SaslTurn Accepted(Question question)
    {
        switch (question)
        {
            case ScramStartQuestion { Verifier: { } verifier, Nonce.IsEmpty: false } asked:
                nonce += Convert.ToBase64String(asked.Nonce.Span);
                serverFirst = string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"r={nonce},s={Convert.ToBase64String(verifier.Salt)},i={verifier.Iterations}");
                return SaslTurn.Send(Encoding.UTF8.GetBytes(serverFirst));
            case ScramProofQuestion { IsProven: true, Account: { } proven }:
                account = proven;
                return SaslTurn.Send(Encoding.UTF8.GetBytes("v=" + Convert.ToBase64String(signature!)));
            default:
                throw new InvalidOperationException($"{question.GetType().Name} was accepted without what it asks for.");
        }
    }

    private SaslTurn Start(string clientFirst)
    {
        // gs2-cbind-flag "," [authzid] "," client-first-message-bare
        if (clientFirst.Split(',', 3) is not [var flag, var authorization, var bare])
            return SaslTurn.Malformed;
        if (authorization.Length > 0)
        {
            authorizationId = authorization.StartsWith("a=", StringComparison.Ordinal) ? SaslName.Unescape(authorization[2..]) : null;
            if (authorizationId is null)
                return SaslTurn.Malformed;
        }
        if (ScramAttributes.Read(bare, 'n', 'r') is not [var userText, var clientNonce, ..]
            || SaslName.Unescape(userText) is not { Length: > 0 } userName
            || clientNonce.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return SaslTurn.Malformed;
        }
        var isPlus = mechanism == ScramClient.PlusName;
        // RFC 5802 §6: "y" where -PLUS was offered is a downgrade, "p" is for -PLUS alone.
        if (isPlus ? flag != "p=tls-server-end-point" : flag != "n" && (flag != "y" || offersPlus))
            return flag is "y" or "n" || flag.StartsWith("p=", StringComparison.Ordinal) ? SaslTurn.Fail(ReplyCatalogue.AuthBinding) : SaslTurn.Malformed;

        header = clientFirst[..(flag.Length + authorization.Length + 2)];
        clientFirstBare = bare;
        nonce = clientNonce;
        start = new ScramStartQuestion(mechanism, userName);
        return SaslTurn.Ask(start);
    }

    private SaslTurn Prove(string clientFinal)
    {
        var proofAt = clientFinal.LastIndexOf(",p=", StringComparison.Ordinal);
        if (proofAt < 0 || ScramAttributes.Read(clientFinal, 'c', 'r') is not [var bindingText, var echoed, ..]
            || ScramAttributes.Base64(clientFinal[(proofAt + 3)..]) is not { } proof
            || ScramAttributes.Base64(bindingText) is not { } binding)
        {
            return SaslTurn.Malformed;
        }
        ReadOnlySpan<byte> endPoint = mechanism == ScramClient.PlusName ? serverEndPoint.Span : default;
        byte[] expected = [.. Encoding.UTF8.GetBytes(header), .. endPoint];
        if (!binding.AsSpan().SequenceEqual(expected))
            return SaslTurn.Fail(ReplyCatalogue.AuthBinding);

        var authMessage = $"{clientFirstBare},{serverFirst},{clientFinal[..proofAt]}";
        var proven = string.Equals(echoed, nonce, StringComparison.Ordinal) && start!.Verifier!.Proves(proof, authMessage);
        signature = start!.Verifier!.Sign(authMessage);
        return SaslTurn.Ask(new ScramProofQuestion(mechanism, start.UserName, authorizationId, proven));
    }
}
