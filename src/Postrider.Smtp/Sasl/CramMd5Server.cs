using Postrider.Smtp.Server;

namespace Postrider.Smtp.Sasl;

/// <summary>CRAM-MD5 (RFC 2195 §2): the server speaks first, with a challenge that nobody can know before.</summary>
internal sealed class CramMd5Server : SaslServer
{
    private const int DigestLength = 32;

    private ReadOnlyMemory<byte> challenge;

    public override SaslTurn Begin() => SaslTurn.Ask(new CramStartQuestion());

    public override SaslTurn Respond(ReadOnlySpan<byte> response)
    {
        // The user's name may hold spaces, the digest holds none. An initial response comes before there is a challenge.
        if (challenge.IsEmpty || Text(response) is not { } text || text.LastIndexOf(' ') is not (> 0 and var space) || text.Length - space - 1 != DigestLength)
            return SaslTurn.Malformed;
        return SaslTurn.Ask(new CramProofQuestion(text[..space], challenge, text[(space + 1)..]));
    }

    public override SaslTurn Accepted(Question question)
    {
        if (question is not CramStartQuestion asked)
            return base.Accepted(question);
        challenge = asked.Challenge.IsEmpty ? throw new InvalidOperationException($"{nameof(CramStartQuestion)} was accepted without a challenge.") : asked.Challenge;
        return SaslTurn.Send(challenge.ToArray());
    }
}
