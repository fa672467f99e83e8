using System.Net;
using System.Net.Sockets;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Client;
using Postrider.Transport.Dialing;
using Postrider.Transport.Sockets;
using Postrider.Transport.Tls;

namespace Postrider.Commands;

/// <summary>The connection of a command to a server.</summary>
internal sealed class ServerConnection(RelayHost host, RelayTerms terms, string helloName, bool showDialogue)
{
    /// <summary>Connects to the first address that answers.</summary>
    /// <param name="last">An extension that speaks when all others have, or null.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">The name in EHLO is none, or the host has no address.</exception>
    public async Task<SmtpConnection> OpenAsync(ClientExtension? last, CancellationToken cancellationToken)
    {
        ClientSettings settings;
        try
        {
            settings = new ClientSettings { HelloName = helloName };
        }
        catch (ArgumentException e)
        {
            throw new CommandException(ExitCode.Usage, $"--ehlo: \"{helloName}\" is not a name that can be said in EHLO.", e);
        }
        var credential = terms.Credentials is null ? null : (await terms.Credentials.GetAsync(cancellationToken)).Credential;
        SmtpConnection? connection = null;
        foreach (var address in await AddressesAsync(cancellationToken))
        {
            if (connection is not null)
                await connection.DisposeAsync();
            var plan = new RelayPlan(settings, new SystemTls(), terms, host, IPAddress.IsLoopback(address), credential);
            connection = await SmtpConnection.OpenAsync(
                new SocketNetwork(),
                new IPEndPoint(address, host.Port),
                last is null ? plan.Client : plan.Client with { Extensions = plan.Client.Extensions.Add(last) },
                plan.Tls,
                TimeProvider.System,
                showDialogue ? new DialogueText(Console.WriteLine) : null,
                cancellationToken: cancellationToken);
            // Another address may answer where this one does not.
            if (connection.Ending is not { Kind: EndingKind.Unreachable })
                break;
        }
        return connection!;
    }

    private async Task<IPAddress[]> AddressesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return IPAddress.TryParse(host.Host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host.Host, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new CommandException(ExitCode.Unavailable, $"{host.Host}: {e.Message}.", e);
        }
    }

    /// <summary>The exit code that the end of a session deserves.</summary>
    public static int CodeOf(SessionEnding ending) => ending.Kind switch
    {
        EndingKind.Unreachable => ExitCode.Unavailable,
        EndingKind.Violation => ExitCode.Protocol,
        // Neither protection nor credentials get better by waiting, for somebody at a keyboard.
        EndingKind.HandshakeFailed or EndingKind.Unprotected => ExitCode.Unavailable,
        EndingKind.NotAuthenticated when ending.ReplyCode is 0 or >= 500 => ExitCode.NoPermission,
        EndingKind.Refused when ending.ReplyCode >= 500 => ExitCode.Unavailable,
        _ => ExitCode.TemporaryFailure,
    };
}
