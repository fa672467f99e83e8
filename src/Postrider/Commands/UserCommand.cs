using System.Collections.Immutable;
using System.CommandLine;
using System.Security.Cryptography;
using Postrider.Hosting.Accounts;
using Postrider.Hosting.Admission;
using Postrider.Queue.Disk;
using Postrider.Smtp.Sasl;

namespace Postrider.Commands;

/// <summary><c>postrider user</c>: the accounts that may submit mail. The running server sees a change within seconds.</summary>
internal static class UserCommand
{
    private static readonly ConfigurationArguments arguments = new();

    private static readonly Argument<string> name = new("name") { Description = "The name of the account, such as tim@example.org." };

    private static readonly Option<string?> passwordFile = new("--password-file")
    {
        Description = "Reads the password from the first line of a file; - for the standard input. Unless given, it is asked for.",
        HelpName = "FILE",
    };

    private static readonly Option<bool> noPassword = new("--no-password") { Description = "Makes an account that has no password: it logs in by token or certificate." };

    private static readonly Option<bool> odmr = new("--odmr")
    {
        Description = "Makes an account for on-demand relay (ATRN) alone, which logs in by CRAM-MD5. Its secret is kept as it is: let it be one that is used nowhere else.",
    };

    private static readonly Option<string[]> senders = new("--sender")
    {
        Description = "A sender it may use: an address, @domain, or * for all. Unless given: its name. May be given several times.",
        HelpName = "SENDER",
        DefaultValueFactory = static _ => [],
    };

    private static readonly Option<string[]> certificates = new("--certificate")
    {
        Description = "The SHA-256 fingerprint of a client certificate that stands for it. May be given several times.",
        HelpName = "HEX",
        DefaultValueFactory = static _ => [],
    };

    private static readonly Option<string?> messages = new("--messages")
    {
        Description = "Messages it may begin, such as 20000/1h, or off. Unless given, and with default: limits.accountMessageRate.",
        HelpName = "RATE",
    };

    private static readonly Option<string?> recipients = new("--recipients")
    {
        Description = "Recipients it may name, such as 100000/1d, or off. Unless given, and with default: limits.accountRecipientRate.",
        HelpName = "RATE",
    };

    private static readonly Option<string[]> mechanisms = new("--mechanism")
    {
        Description = "A mechanism it may log in by, such as SCRAM-SHA-256-PLUS, and by no other. Unless given, and with any: all there are. May be given several times.",
        HelpName = "NAME",
        DefaultValueFactory = static _ => [],
    };

    private static readonly Option<bool?> mustChange = new("--must-change")
    {
        Description = "Its password is good for no login until postrider user passwd has set another; false takes that back.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create()
    {
        var command = new Command("user", "Shows and changes the accounts that may submit mail.");
        var add = new Command("add", "Adds an account.") { name, passwordFile, noPassword, odmr, senders, certificates, messages, recipients, mechanisms, mustChange };
        add.Validators.Add(static result =>
        {
            if (result.GetValue(odmr) && (result.GetValue(noPassword) || result.GetValue(senders) is { Length: > 0 } || result.GetValue(certificates) is { Length: > 0 } || HasTerms(result)))
                result.AddError("An account for on-demand relay has a secret and nothing else: --odmr goes with --password-file alone.");
        });
        Run(add, static (path, parsed) =>
        {
            var accounts = AccountFile.Read(path).All.ToList();
            var account = new Account { Name = parsed.GetValue(name)! };
            Check(AccountFile.MistakeInName(account.Name));
            account = WithSenders(account, parsed, accounts);
            account = WithTerms(account, parsed);
            if (Find(accounts, account.Name) >= 0)
                throw new CommandException(ExitCode.Data, $"{account.Name} is an account already; postrider user passwd sets its password.");
            if (parsed.GetValue(odmr))
                account = account with { RelaySecret = PasswordInput.Read(parsed.GetValue(passwordFile), account.Name) };
            else if (!parsed.GetValue(noPassword))
                account = account with { Password = Hash(PasswordInput.Read(parsed.GetValue(passwordFile), account.Name)) };
            accounts.Add(account);
            AccountFile.Write(path, accounts, new UnixDisk());
            Console.WriteLine(account.RelaySecret is null
                ? $"{account.Name} added; it may send as {Senders(account)}{Terms(account)}."
                : $"{account.Name} added; it is for on-demand relay alone, and mayFetch in the configuration names its domains.");
        });
        var passwd = new Command("passwd", "Sets the password of an account.") { name, passwordFile };
        Run(passwd, static (path, parsed) =>
        {
            var accounts = AccountFile.Read(path).All.ToList();
            var index = Existing(accounts, parsed.GetValue(name)!);
            var typed = PasswordInput.Read(parsed.GetValue(passwordFile), accounts[index].Name);
            accounts[index] = accounts[index].RelaySecret is null
                ? accounts[index] with { Password = Hash(typed), MustChangePassword = false }
                : accounts[index] with { RelaySecret = typed };
            AccountFile.Write(path, accounts, new UnixDisk());
            Console.WriteLine($"{accounts[index].Name} has a new password.");
        });
        var change = new Command("change", "Changes what an account may do.") { name, senders, certificates, messages, recipients, mechanisms, mustChange };
        change.Validators.Add(static result =>
        {
            if (result.GetValue(senders) is not { Length: > 0 } && result.GetValue(certificates) is not { Length: > 0 } && !HasTerms(result))
                result.AddError("What is to change? Give at least one of --sender, --certificate, --messages, --recipients, --mechanism and --must-change.");
        });
        Run(change, static (path, parsed) =>
        {
            var accounts = AccountFile.Read(path).All.ToList();
            var index = Existing(accounts, parsed.GetValue(name)!);
            var account = accounts[index];
            if (account.RelaySecret is not null)
                throw new CommandException(ExitCode.Data, $"{account.Name} is for on-demand relay alone, and has nothing but its secret.");
            accounts.RemoveAt(index);
            account = WithTerms(WithSenders(account, parsed, accounts), parsed);
            accounts.Insert(index, account);
            AccountFile.Write(path, accounts, new UnixDisk());
            Console.WriteLine($"{account.Name} changed; it may send as {Senders(account)}{Terms(account)}.");
        });
        var remove = new Command("remove", "Removes an account. Its mail stays.") { name };
        Run(remove, static (path, parsed) =>
        {
            var accounts = AccountFile.Read(path).All.ToList();
            var index = Existing(accounts, parsed.GetValue(name)!);
            var removed = accounts[index].Name;
            accounts.RemoveAt(index);
            AccountFile.Write(path, accounts, new UnixDisk());
            Console.WriteLine($"{removed} removed.");
        });
        var list = new Command("list", "Lists the accounts and the senders each may use.");
        Run(list, static (path, _) =>
        {
            var accounts = AccountFile.Read(path).All;
            if (accounts.Count == 0)
                Console.WriteLine($"There are no accounts in {path}; postrider user add makes one.");
            var width = accounts.Select(static account => account.Name.Length).DefaultIfEmpty().Max();
            foreach (var account in accounts)
            {
                if (account.RelaySecret is not null)
                {
                    Console.WriteLine($"{account.Name.PadRight(width)}  {"secret",-24}  on-demand relay");
                    continue;
                }
                var proofs = string.Join(" and ", new[] { account.Password is null ? null : "password", account.Certificates.IsEmpty ? null : "certificate" }.OfType<string>());
                Console.WriteLine($"{account.Name.PadRight(width)}  {(proofs.Length == 0 ? "token" : proofs),-24}  {Senders(account)}{Terms(account)}");
            }
        });
        foreach (var part in new[] { add, passwd, change, remove, list })
            command.Subcommands.Add(part);
        return command;
    }

    private static void Run(Command command, Action<string, ParseResult> run)
    {
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            var configuration = arguments.Load(parsed, []);
            var path = Path.Combine(Path.GetFullPath(configuration.Mail.DataFolder), configuration.Server.Accounts);
            try
            {
                run(path, parsed);
                return ExitCode.Ok;
            }
            catch (IOException e)
            {
                throw new CommandException(ExitCode.Unavailable, e.Message, e);
            }
        });
    }

    private static ScramVerifier Hash(string password)
    {
        if (!SaslPreparation.TryPrepare(password, out var prepared))
            throw new CommandException(ExitCode.Data, "the password is empty, or holds a character that cannot be typed everywhere, such as a control character.");
        return ScramVerifier.Make(prepared, RandomNumberGenerator.GetBytes(FakeVerifiers.SaltSize), FakeVerifiers.Iterations);
    }

    private static string Senders(Account account) =>
        !account.Senders.IsEmpty ? string.Join(", ", account.Senders)
        : account.Name.Contains('@', StringComparison.Ordinal) ? account.Name
        : $"{account.Name} at the domains served here";

    private static bool HasTerms(System.CommandLine.Parsing.CommandResult result) =>
        result.GetValue(messages) is not null || result.GetValue(recipients) is not null || result.GetValue(mechanisms) is { Length: > 0 } || result.GetResult(mustChange) is not null;

    private static Account WithSenders(Account account, ParseResult parsed, List<Account> others)
    {
        ImmutableArray<string> named = [.. parsed.GetValue(senders)!];
        ImmutableArray<string> shown = [.. parsed.GetValue(certificates)!.Select(static text => text.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant())];
        foreach (var sender in named)
            Check(AccountFile.MistakeInSender(sender));
        foreach (var certificate in shown)
            Check(AccountFile.MistakeInCertificate(certificate) ?? (others.Exists(other => other.Certificates.Contains(certificate, StringComparer.Ordinal)) ? "another account has this certificate." : null));
        return account with { Senders = named.IsEmpty ? account.Senders : named, Certificates = shown.IsEmpty ? account.Certificates : shown };
    }

    private static Account WithTerms(Account account, ParseResult parsed)
    {
        if (parsed.GetValue(mechanisms) is { Length: > 0 } given)
        {
            ImmutableArray<string> names = given is ["any"] ? [] : [.. given.Select(static one => one.ToUpperInvariant())];
            foreach (var mechanism in names)
                Check(AccountFile.MistakeInMechanism(mechanism));
            account = account with { Mechanisms = names };
        }
        if (parsed.GetResult(mustChange) is not null)
            account = account with { MustChangePassword = parsed.GetValue(mustChange) ?? true };
        return account with
        {
            MessageRate = Rate(parsed.GetValue(messages), account.MessageRate),
            RecipientRate = Rate(parsed.GetValue(recipients), account.RecipientRate),
        };
    }

    private static RateLimit? Rate(string? text, RateLimit? before)
    {
        if (text is null or "default")
            return text is null ? before : null;
        return RateLimit.TryParse(text, out var rate) ? rate : throw new CommandException(ExitCode.Data, AccountFile.MistakeInRate(text));
    }

    private static string Terms(Account account) => string.Concat(
        new[]
        {
            account.MessageRate is { } own ? $"; messages {own}" : null,
            account.RecipientRate is { } named ? $"; recipients {named}" : null,
            account.Mechanisms.IsEmpty ? null : $"; by {string.Join(" or ", account.Mechanisms)} alone",
            account.MustChangePassword ? "; must set its password anew" : null,
        }.OfType<string>());

    private static int Find(List<Account> accounts, string wanted) =>
        accounts.FindIndex(account => string.Equals(account.Name, wanted, StringComparison.OrdinalIgnoreCase));

    private static int Existing(List<Account> accounts, string wanted) =>
        Find(accounts, wanted) is var index and >= 0 ? index : throw new CommandException(ExitCode.NoInput, $"there is no account {wanted}; postrider user list shows those there are.");

    private static void Check(string? mistake)
    {
        if (mistake is not null)
            throw new CommandException(ExitCode.Data, mistake);
    }
}
