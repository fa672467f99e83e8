using System.CommandLine;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Relaying;

namespace Postrider.Commands;

/// <summary>The options of <c>postrider send</c> that say how the connection is protected, and who the sender is to the server.</summary>
internal static class SendTerms
{
    private static readonly Option<string?> tls = new("--tls")
    {
        Description = "Demands TLS: required, if nothing stands behind it; verified, opportunistic or none. Unless given: none, or opportunistic where there is a user.",
        HelpName = "DEMAND",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> tlsOnConnect = new("--tls-on-connect") { Description = "TLS from the first octet, as at port 465, where it is the default." };

    private static readonly Option<string[]> authorities = new("--ca") { Description = "A file in PEM with the authorities to trust in place of the system's.", HelpName = "FILE" };

    private static readonly Option<string?> certificate = new("--cert") { Description = "A file in PEM with the certificate to show to the server.", HelpName = "FILE" };

    private static readonly Option<string?> key = new("--key") { Description = "A file in PEM with its key.", HelpName = "FILE" };

    private static readonly Option<string?> user = new("--user", "-u") { Description = "Who to be to the server, by the strongest mechanism that both sides have.", HelpName = "NAME" };

    private static readonly Option<string?> password = new("--password") { Description = "The password; others on this machine may see it in the list of processes.", HelpName = "TEXT" };

    private static readonly Option<string?> passwordFile = new("--password-file") { Description = "A file with the password in its first line; - reads it from standard input.", HelpName = "FILE" };

    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[tls, tlsOnConnect, authorities, certificate, key, user, password, passwordFile])
            command.Options.Add(option);
    }

    /// <summary>What the options say.</summary>
    /// <exception cref="CommandException">They contradict each other, or a file cannot be read.</exception>
    public static async Task<RelayTerms> ReadAsync(ParseResult parsed, RelayHost host, CancellationToken cancellationToken) =>
        Freeze(await ReadOptionsAsync(parsed, host, cancellationToken), host);

    /// <summary>The same for another process: its files by their full paths, and the password itself.</summary>
    /// <exception cref="CommandException">They contradict each other, or a file cannot be read.</exception>
    public static async Task<RouteOptions> ReadForServerAsync(ParseResult parsed, RelayHost host, CancellationToken cancellationToken)
    {
        var route = await ReadOptionsAsync(parsed, host, cancellationToken);
        Freeze(route, host);
        route.Authorities = [.. route.Authorities.Select(Path.GetFullPath)];
        route.Certificate = route.Certificate is null ? null : Path.GetFullPath(route.Certificate);
        route.Key = route.Key is null ? null : Path.GetFullPath(route.Key);
        if (route.PasswordFile is { } file)
            (route.Password, route.PasswordFile) = ((await File.ReadAllTextAsync(file, cancellationToken)).Split('\n', 2)[0].TrimEnd('\r'), null);
        return route;
    }

    private static async Task<RouteOptions> ReadOptionsAsync(ParseResult parsed, RelayHost host, CancellationToken cancellationToken)
    {
        var name = parsed.GetValue(user);
        var isOnConnect = parsed.GetValue(tlsOnConnect);
        var file = parsed.GetValue(passwordFile);
        return new RouteOptions
        {
            Tls = parsed.GetResult(tls) is null
                ? name is not null || isOnConnect || host.Port == 465 ? "opportunistic" : "none"
                : parsed.GetValue(tls) ?? "required",
            TlsOnConnect = isOnConnect ? true : null,
            Authorities = [.. parsed.GetValue(authorities) ?? []],
            Certificate = parsed.GetValue(certificate),
            Key = parsed.GetValue(key),
            User = name,
            Password = file == "-" ? await Console.In.ReadLineAsync(cancellationToken) ?? "" : parsed.GetValue(password),
            PasswordFile = file == "-" ? null : file,
        };
    }

    private static RelayTerms Freeze(RouteOptions route, RelayHost host)
    {
        var problems = new List<string>();
        var terms = new RouteTermsCheck(TimeProvider.System, (path, reason) => problems.Add($"{OptionOf(path)}: {reason}")).Freeze("", route, [host]);
        return problems.Count == 0 ? terms : throw new CommandException(ExitCode.Usage, string.Join(" ", problems));
    }

    private static string OptionOf(string path) => path.Split('.', '[')[1] switch
    {
        "tlsOnConnect" => tlsOnConnect.Name,
        "authorities" => authorities.Name,
        "certificate" => certificate.Name,
        "passwordFile" => passwordFile.Name,
        var name => $"--{name}",
    };
}
