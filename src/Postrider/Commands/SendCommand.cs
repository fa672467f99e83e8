using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Postrider.Hosting;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;

namespace Postrider.Commands;

/// <summary><c>postrider send</c>: sends one message by SMTP and says what became of it.</summary>
internal static class SendCommand
{
    private const string DefaultSubject = "Test message";
    private const string DefaultBody = "This is a test message, sent by: postrider send\n";

    private static readonly Option<string[]> to = new("--to", "-t")
    {
        Description = "A recipient; may be given several times.",
        HelpName = "ADDRESS",
        Required = true,
    };

    private static readonly Option<string?> from = new("--from", "-f")
    {
        Description = "The sender; <> for none. Unless given: this user at this machine.",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> subject = new("--subject", "-s") { Description = "The subject of a message made here.", HelpName = "TEXT" };

    private static readonly Option<string?> body = new("--body", "-b") { Description = "The text of a message made here; - reads it from standard input.", HelpName = "TEXT" };

    private static readonly Option<string?> file = new("--file") { Description = "A file with a whole message, header and all; - reads it from standard input.", HelpName = "FILE" };

    private static readonly Option<string> server = new("--server")
    {
        Description = "Where to send it.",
        HelpName = "HOST:PORT",
        DefaultValueFactory = static _ => "127.0.0.1:2525",
    };

    private static readonly Option<string?> ehlo = new("--ehlo") { Description = "The name to say in EHLO. Unless given: this machine's.", HelpName = "NAME" };

    private static readonly Option<string?> terminal = new("--terminal")
    {
        Description = "Sends to the user's terminal: send, if nothing stands behind it; soml: or else to the mailbox; saml: to both.",
        HelpName = "send|soml|saml",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> showDialogue = new("--show-dialogue") { Description = "Prints what is said, as it is said." };

    public static Command Create()
    {
        var command = new Command("send", "Sends one message by SMTP. Ends with 0 when every recipient was accepted, 69 when refused for good or out of reach, 75 when refused for now, 76 when the other side speaks no SMTP, 77 when it does not let the user in.")
        {
            to, from, subject, body, file, server, ehlo, terminal, showDialogue,
        };
        terminal.AcceptOnlyFromAmong("send", "soml", "saml");
        SendWishes.AddTo(command);
        SendTerms.AddTo(command);
        command.Validators.Add(static result =>
        {
            if (result.GetValue(file) is not null && (result.GetValue(body) ?? result.GetValue(subject)) is not null)
                result.AddError("--file is a whole message: --subject and --body have no place beside it.");
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var sender = Sender(parsed.GetValue(from));
        var recipients = parsed.GetValue(to)!.Select(text => Parse(text, "--to")).ToList();
        if (!HostNames.TryParseHost(parsed.GetValue(server)!, out var host))
            throw new CommandException(ExitCode.Usage, $"--server: \"{parsed.GetValue(server)}\" is not a host; give one such as 127.0.0.1:2525.");
        var content = parsed.GetValue(file) is { } name
            ? MessageText.WithLineEndings(await ReadFileAsync(name, cancellationToken))
            : MessageText.Compose(
                sender,
                recipients,
                parsed.GetValue(subject) ?? DefaultSubject,
                await BodyAsync(parsed.GetValue(body), cancellationToken),
                TimeProvider.System.GetLocalNow(),
                $"{RandomNumberGenerator.GetHexString(24, lowercase: true)}@{HostNames.OfThisMachine()}");
        if (content.Length == 0)
            throw new CommandException(ExitCode.Data, "the message is empty.");
        var envelope = SendWishes.Apply(
            new Envelope
            {
                ReversePath = sender,
                Recipients = [.. recipients.Select(static mailbox => new EnvelopeRecipient(mailbox))],
                Body = content.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)127) ? BodyType.EightBitMime : BodyType.SevenBit,
                Mode = Mode(parsed),
                SmtpUtf8 = sender.Mailbox is { IsAscii: false } || recipients.Exists(static mailbox => !mailbox.IsAscii),
            },
            parsed);
        var terms = await SendTerms.ReadAsync(parsed, host, cancellationToken);
        return await new MessageSending(host, new ServerConnection(host, terms, parsed.GetValue(ehlo) ?? HostNames.OfThisMachine(), parsed.GetValue(showDialogue)))
            .SendAsync(envelope, content, cancellationToken);
    }

    private static DeliveryMode Mode(ParseResult parsed) => (parsed.GetResult(terminal), parsed.GetValue(terminal)) switch
    {
        (null, _) => DeliveryMode.Mailbox,
        (_, "soml") => DeliveryMode.TerminalOrMailbox,
        (_, "saml") => DeliveryMode.TerminalAndMailbox,
        _ => DeliveryMode.Terminal,
    };

    private static ReversePath Sender(string? text) => text switch
    {
        "" or "<>" => ReversePath.Null,
        null => new ReversePath(Parse($"{UserName()}@{HostNames.OfThisMachine()}", "--from")),
        _ => new ReversePath(Parse(text, "--from")),
    };

    private static string UserName()
    {
        var name = string.Concat(Environment.UserName.Where(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        return name.Length == 0 ? "postrider" : name;
    }

    private static Mailbox Parse(string text, string option) =>
        AddressParser.TryParseMailbox(text is ['<', .. var inner, '>'] ? inner : text, out var mailbox, out var error)
            ? mailbox
            : throw new CommandException(ExitCode.Usage, $"{option}: \"{text}\" is not an address: {error}.");

    private static async Task<string> BodyAsync(string? text, CancellationToken cancellationToken) =>
        text switch
        {
            null => DefaultBody,
            "-" => await Console.In.ReadToEndAsync(cancellationToken),
            _ => text,
        };

    private static async Task<byte[]> ReadFileAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            if (name != "-")
                return await File.ReadAllBytesAsync(name, cancellationToken);
            await using var input = Console.OpenStandardInput();
            using var whole = new MemoryStream();
            await input.CopyToAsync(whole, cancellationToken);
            return whole.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.NoInput, string.Create(CultureInfo.InvariantCulture, $"--file: {e.Message}"), e);
        }
    }
}
