using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Postrider.Hosting.Admission;
using Postrider.Queue.Disk;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Sasl;

namespace Postrider.Hosting.Accounts;

/// <summary>
/// The file of accounts: a first line with its version, then a line for each account, its name and words of
/// <c>key=value</c>. The password stands as RFC 5803 writes it; the secret of an account for
/// on-demand relay stands there itself, in base64, since CRAM-MD5 works with nothing less. Lines that are empty or begin with # are let be.
/// </summary>
internal static class AccountFile
{
    /// <summary>Its first line.</summary>
    public const string FirstLine = "postrider accounts 1";

    private const string Scheme = "SCRAM-SHA-256";
    private const int MaxLength = 64 * 1024 * 1024;

    private static readonly UTF8Encoding utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the file; one that is not there holds no accounts.</summary>
    /// <exception cref="IOException">It cannot be read, or a line is wrong; the message names file and line, and shows no secret.</exception>
    public static AccountBook Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return AccountBook.Empty;
            if (file.Length > MaxLength)
                throw new IOException($"{path}: is larger than {MaxLength} octets, which no file of accounts is.");
            return Parse(path, File.ReadAllText(path, utf8));
        }
        catch (FileNotFoundException)
        {
            return AccountBook.Empty;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: this user may not read it.", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new IOException($"{path}: is not in UTF-8.", e);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="IOException">A line is wrong; the message names it.</exception>
    public static AccountBook Parse(string path, string text)
    {
        var lines = text.Split('\n');
        if (lines[0].TrimEnd() != FirstLine)
            throw new IOException($"{path}:1: the first line is not \"{FirstLine}\".");
        var accounts = new List<Account>();
        var names = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var certificates = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 1; i < lines.Length; i++)
        {
            var words = lines[i].Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0][0] == '#')
                continue;
            if (!TryParse(words, out var account, out var mistake))
                throw Wrong(mistake);
            if (!names.TryAdd(account.Name, i + 1))
                throw Wrong($"{account.Name} stands in line {names[account.Name]} already.");
            foreach (var certificate in account.Certificates)
            {
                if (!certificates.Add(certificate))
                    throw Wrong("a certificate stands for another account already.");
            }
            accounts.Add(account);

            IOException Wrong(string reason) => new(string.Create(CultureInfo.InvariantCulture, $"{path}:{i + 1}: {reason}"));
        }
        return new AccountBook(accounts);
    }

    /// <summary>Writes the file anew, mode 0600, whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written; the message says why.</exception>
    public static void Write(string path, IEnumerable<Account> accounts, IDisk disk)
    {
        var text = new StringBuilder(FirstLine).Append('\n');
        foreach (var account in accounts)
            text.Append(Format(account)).Append('\n');
        PrivateFile.Replace(path, utf8.GetBytes(text.ToString()), disk);
    }

    /// <summary>What is wrong with a name of an account, or null.</summary>
    public static string? MistakeInName(string name)
    {
        if (!SaslPreparation.TryPrepare(name, out var prepared) || prepared != name)
            return "a name holds no characters that cannot be seen, and those it holds are written as SASLprep has them.";
        return name.Length > 255 || name[0] == '#' || name.AsSpan().ContainsAny(" =,")
            ? "a name has at most 255 characters, no space, comma or equals sign, and no # before it."
            : null;
    }

    /// <summary>What is wrong with a sender, or null.</summary>
    public static string? MistakeInSender(string sender)
    {
        if (sender == "*" || (sender.Length > 1 && sender[0] == '@' && HostNames.IsDomain(sender[1..])))
            return null;
        return AddressParser.TryParseMailbox(sender, out var mailbox, out _) && mailbox.ToString() == sender && !sender.AsSpan().ContainsAny(" ,")
            ? null
            : $"\"{sender}\" is no sender; give an address, @domain for all of a domain, or * for all.";
    }

    /// <summary>What is wrong with a fingerprint, or null.</summary>
    public static string? MistakeInCertificate(string certificate) =>
        certificate.Length == 64 && certificate.All(char.IsAsciiHexDigitLower)
            ? null
            : "a certificate is named by its SHA-256 fingerprint, 64 hexadecimal digits in lower case.";

    /// <summary>What is wrong with a mechanism, or null.</summary>
    public static string? MistakeInMechanism(string mechanism) =>
        Mechanisms.Contains(mechanism, StringComparer.Ordinal) ? null : $"\"{mechanism}\" is no mechanism; known: {string.Join(", ", Mechanisms)}.";

    /// <summary>What is wrong with a text that is no rate.</summary>
    public static string MistakeInRate(string text) => $"\"{text}\" is no rate; give {RateLimit.Form}.";

    private static IEnumerable<string> Mechanisms => SaslMechanisms.All.Except(SaslMechanisms.ForOnDemandRelay, StringComparer.Ordinal);

    private static string Format(Account account)
    {
        var line = new StringBuilder(account.Name);
        if (account.Password is { } verifier)
        {
            line.Append(
                CultureInfo.InvariantCulture,
                $" password={Scheme}${verifier.Iterations}:{Convert.ToBase64String(verifier.Salt)}${Convert.ToBase64String(verifier.StoredKey)}:{Convert.ToBase64String(verifier.ServerKey)}");
        }
        if (account.RelaySecret is { } secret)
            line.Append(" relay-secret=").Append(Convert.ToBase64String(utf8.GetBytes(secret)));
        if (!account.Senders.IsEmpty)
            line.Append(" senders=").AppendJoin(',', account.Senders);
        if (!account.Certificates.IsEmpty)
            line.Append(" certificates=").AppendJoin(',', account.Certificates);
        if (!account.Mechanisms.IsEmpty)
            line.Append(" mechanisms=").AppendJoin(',', account.Mechanisms);
        if (account.MessageRate is { } messages)
            line.Append(" messages=").Append(messages);
        if (account.RecipientRate is { } named)
            line.Append(" recipients=").Append(named);
        if (account.MustChangePassword)
            line.Append(" must-change=yes");
        return line.ToString();
    }

    private static bool TryParse(string[] words, out Account account, out string mistake)
    {
        account = new Account { Name = words[0] };
        mistake = MistakeInName(words[0]) ?? "";
        foreach (var word in words.AsSpan(1))
        {
            if (mistake.Length > 0)
                break;
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (word, "") : (word[..equals], word[(equals + 1)..]);
            var values = value.Split(',').ToImmutableArray();
            switch (key)
            {
                case "password" when ReadVerifier(value) is { } verifier:
                    account = account with { Password = verifier };
                    break;
                case "password":
                    mistake = $"the password is not written as {Scheme}$iterations:salt$StoredKey:ServerKey; set it by postrider user passwd.";
                    break;
                case "relay-secret" when ReadSecret(value) is { } secret:
                    account = account with { RelaySecret = secret };
                    break;
                case "relay-secret":
                    mistake = "the relay-secret is not text in base64; set it by postrider user passwd.";
                    break;
                case "senders":
                    mistake = values.Select(MistakeInSender).FirstOrDefault(static wrong => wrong is not null) ?? "";
                    account = account with { Senders = values };
                    break;
                case "certificates":
                    mistake = values.Select(MistakeInCertificate).FirstOrDefault(static wrong => wrong is not null) ?? "";
                    account = account with { Certificates = values };
                    break;
                case "mechanisms":
                    mistake = values.Select(MistakeInMechanism).FirstOrDefault(static wrong => wrong is not null) ?? "";
                    account = account with { Mechanisms = values };
                    break;
                case "messages" when RateLimit.TryParse(value, out var rate):
                    account = account with { MessageRate = rate };
                    break;
                case "recipients" when RateLimit.TryParse(value, out var rate):
                    account = account with { RecipientRate = rate };
                    break;
                case "messages" or "recipients":
                    mistake = MistakeInRate(value);
                    break;
                case "must-change" when value == "yes":
                    account = account with { MustChangePassword = true };
                    break;
                case "must-change":
                    mistake = "must-change is yes, or is left out.";
                    break;
                default:
                    // A word that is none may be half of a password: only what looks like a key is shown.
                    mistake = $"{(equals > 0 && key.All(char.IsAsciiLetter) ? $"\"{key}\" is not known; known" : "there is a word that is not known; known")}: password, relay-secret, senders, certificates, mechanisms, messages, recipients, must-change.";
                    break;
            }
        }
        if (mistake.Length == 0 && account.RelaySecret is not null && account != new Account { Name = account.Name, RelaySecret = account.RelaySecret })
            mistake = "an account with a relay-secret is for on-demand relay alone, and has nothing else.";
        return mistake.Length == 0;
    }

    private static string? ReadSecret(string text)
    {
        try
        {
            return utf8.GetString(Convert.FromBase64String(text)) is { Length: > 0 } secret ? secret : null;
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }

    // RFC 5803 §3.
    private static ScramVerifier? ReadVerifier(string text)
    {
        if (text.Split('$') is not [Scheme, var hashing, var keys] || hashing.Split(':') is not [var iterations, var salt] || keys.Split(':') is not [var stored, var server])
            return null;
        try
        {
            return new ScramVerifier(
                Convert.FromBase64String(salt),
                int.Parse(iterations, NumberStyles.None, CultureInfo.InvariantCulture),
                Convert.FromBase64String(stored),
                Convert.FromBase64String(server));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }
}
