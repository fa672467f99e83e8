using System.CommandLine;
using System.Globalization;
using Postrider.Control;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Hosting;
using Postrider.Smtp.Client;
using Postrider.Smtp.Replies;

namespace Postrider.Commands;

/// <summary>The arguments of a command that speaks to one server: which it is, what to say in EHLO, and the terms of the connection.</summary>
internal sealed class ServerArguments
{
    // RFC 2645 §4.
    private const int OnDemandPort = 366;

    private readonly Argument<string> server = new("host") { Description = "The server, as HOST or HOST:PORT.", HelpName = "HOST" };

    private readonly Option<string?> ehlo = new("--ehlo") { Description = "The name to say in EHLO. Unless given: this machine's, or that of the server where it is the server that connects.", HelpName = "NAME" };

    private readonly Option<bool> showDialogue = new("--show-dialogue") { Description = "Prints what is said, as it is said." };

    /// <summary>Adds them to a command, the server as its next argument.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(server);
        command.Options.Add(ehlo);
        command.Options.Add(showDialogue);
        SendTerms.AddTo(command);
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="CommandException">The server is none, or the terms contradict each other.</exception>
    public async Task<(RelayHost Host, ServerConnection Connection)> ReadAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var host = Host(parsed, RelayHost.DefaultPort);
        var terms = await SendTerms.ReadAsync(parsed, host, cancellationToken);
        return (host, new ServerConnection(host, terms, parsed.GetValue(ehlo) ?? HostNames.OfThisMachine(), parsed.GetValue(showDialogue)));
    }

    /// <summary>Reads them for the running server, which is to speak in place of the command.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="domains">The domains to name in ATRN; null for TURN.</param>
    /// <param name="cramMd5">Whether to log in by CRAM-MD5.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">The server is none, or the terms contradict each other.</exception>
    public async Task<FetchOrder> ReadForServerAsync(ParseResult parsed, IReadOnlyList<string>? domains, bool cramMd5, CancellationToken cancellationToken)
    {
        var host = Host(parsed, domains is null ? RelayHost.DefaultPort : OnDemandPort);
        var terms = await SendTerms.ReadForServerAsync(parsed, host, cancellationToken);
        return new FetchOrder(host.Host, host.Port, domains, terms, cramMd5, parsed.GetValue(ehlo), parsed.GetValue(showDialogue));
    }

    private RelayHost Host(ParseResult parsed, int defaultPort) => HostNames.TryParseHost(parsed.GetValue(server)!, out var host, defaultPort)
        ? host
        : throw new CommandException(ExitCode.Usage, $"\"{parsed.GetValue(server)}\" is not a host; give one such as mx.example.net or 127.0.0.1:2525.");

    /// <summary>Says why the session came to nothing.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> ReportAsync(RelayHost host, SessionEnding? ending)
    {
        var why = ending is null ? "no reply"
            : ending.ReplyCode == 0 ? ending.Text
            : string.Create(CultureInfo.InvariantCulture, $"{ending.ReplyCode} {ending.Enhanced} {ending.Text}");
        await Console.Error.WriteLineAsync($"postrider: {host}: {why}");
        return ending is null ? ExitCode.Protocol : ServerConnection.CodeOf(ending);
    }

    /// <summary>The lines of a reply. What came from a server does not speak to the terminal.</summary>
    public static IEnumerable<string> Lines(Reply reply) => reply.Lines
        .Select(line => string.Create(CultureInfo.InvariantCulture, $"{reply.Code} {(reply.Enhanced.IsNone ? "" : $"{reply.Enhanced} ")}{line}"))
        .Select(DialogueText.Harmless);
}
