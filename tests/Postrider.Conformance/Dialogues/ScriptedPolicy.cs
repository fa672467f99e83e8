using System.Collections.Concurrent;
using System.Globalization;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Conformance.Dialogues;

/// <summary>Policy by rules: the first that fits a question answers it, and what none fits is accepted.</summary>
public sealed class ScriptedPolicy
{
    // The salt of the exchange in RFC 7677 §3.
    private static readonly byte[] salt = Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ==");
    private static readonly byte[] nonce = new byte[18];

    // A script is played for every way to cut it, and hashing takes its time.
    private static readonly ConcurrentDictionary<string, ScramVerifier> verifiers = new(StringComparer.Ordinal);

    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);
    private readonly List<(string Kind, string Subject, Reply Reply)> rules = [];

    /// <summary>Octets of a body after which its slices are refused, and with what.</summary>
    public (long After, Reply Reply)? BodyRefusal { get; private set; }

    /// <summary>Adds a rule such as <c>rcpt no-such@example.org 550 5.1.1 No such user</c>, <c>body 100 452 4.3.1 Full</c>, or <c>user tim secret</c>: a password or token.</summary>
    /// <exception cref="FormatException">It is not one.</exception>
    public ScriptedPolicy Add(string rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var parts = rule.Split(' ', 3);
        if (parts is ["user", var user, var secret])
        {
            secrets[user] = secret;
            return this;
        }
        if (parts.Length < 3 || parts[0] is not ("connect" or "mail" or "rcpt" or "data" or "end" or "vrfy" or "expn" or "status" or "body" or "auth" or "starttls" or "turn" or "atrn" or "etrn"))
            throw new FormatException($"Not a rule of policy: {rule}");
        var reply = ParseReply(parts[2]);
        if (parts[0] == "body")
            BodyRefusal = (long.Parse(parts[1], CultureInfo.InvariantCulture), reply);
        else
            rules.Add((parts[0], parts[1], reply));
        return this;
    }

    /// <summary>Answers a question.</summary>
    public Answer Answer(Question question, SessionFacts facts)
    {
        if (question is ScramStartQuestion beginning)
            Fill(beginning);
        // The challenge of RFC 2195 §2.
        if (question is CramStartQuestion challenged)
            challenged.Challenge = "<1896.697170952@postoffice.reston.mci.net>"u8.ToArray();
        var isKnown = question is not AuthenticationQuestion asked || Knows(asked);
        var (kind, subject) = question switch
        {
            ConnectQuestion => ("connect", facts?.PeerAddress?.ToString() ?? ""),
            MailQuestion mail => ("mail", mail.ReversePath.ToString()),
            RecipientQuestion recipient => ("rcpt", recipient.Recipient.Mailbox.ToString()),
            StartOfMessageQuestion start => ("data", start.Envelope.ReversePath.ToString()),
            EndOfMessageQuestion end => ("end", end.Envelope.ReversePath.ToString()),
            StartTlsQuestion => ("starttls", ""),
            VerifyQuestion verify => ("vrfy", verify.Name),
            ExpandQuestion expand => ("expn", expand.Name),
            StatusQuestion => ("status", ""),
            EtrnQuestion etrn => ("etrn", etrn.IsWithSubdomains ? $"@{etrn.Domain}" : etrn.Domain),
            TurnQuestion turn => (turn.Verb.ToLowerInvariant(), string.Join(',', turn.Domains)),
            ScramStartQuestion scram => ("auth", scram.UserName),
            CramStartQuestion => ("auth", ""),
            AuthenticationQuestion authentication => ("auth", authentication.UserName),
            _ => throw new ArgumentException($"No rule can answer a {question?.GetType().Name}.", nameof(question)),
        };
        foreach (var rule in rules)
        {
            if (rule.Kind == kind && (rule.Subject == "*" || rule.Subject == subject))
                return rule.Reply.IsPositive ? Smtp.Server.Answer.Accept(rule.Reply) : Smtp.Server.Answer.Refuse(rule.Reply);
        }
        return isKnown ? default : Smtp.Server.Answer.Refuse(ReplyCatalogue.AuthFailed);
    }

    private void Fill(ScramStartQuestion question)
    {
        question.Nonce = nonce;
        question.Verifier = verifiers.GetOrAdd(
            secrets.GetValueOrDefault(question.UserName, "nobody knows"),
            static secret => ScramVerifier.Make(secret, salt, ScramVerifier.LeastIterations));
    }

    private bool Knows(AuthenticationQuestion question)
    {
        var secret = secrets.GetValueOrDefault(question.UserName);
        question.Account = question is CertificateQuestion { Certificate: var certificate } ? certificate.Names[0] : question.UserName;
        return question switch
        {
            PasswordQuestion password => password.Password == secret,
            TokenQuestion token => token.Token == secret,
            ScramProofQuestion proof => proof.IsProven,
            CramProofQuestion proof => secret is not null && proof.IsProvenBy(secret),
            CertificateQuestion => true,
            _ => throw new ArgumentException($"No rule can answer a {question.GetType().Name}.", nameof(question)),
        };
    }

    private static Reply ParseReply(string text)
    {
        if (text.Length < 5 || !int.TryParse(text.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || text[3] != ' ')
            throw new FormatException($"Not a reply: {text}");
        var rest = text[4..];
        // As a log shows a reply of several lines.
        return EnhancedStatusCode.TryParse(rest, out var enhanced, out var length)
            ? new Reply(code, enhanced, rest[length..].TrimStart().Split(" / "))
            : new Reply(code, default, rest.Split(" / "));
    }
}
