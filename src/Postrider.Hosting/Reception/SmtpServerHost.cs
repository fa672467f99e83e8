using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Hosting.Certificates;
using Postrider.Transport.Listening;

namespace Postrider.Hosting.Reception;

/// <summary>
/// Takes mail from the start of the host to its stop. It starts after the queue, which must be there
/// for the first message, and stops before it.
/// </summary>
internal sealed partial class SmtpServerHost(SmtpServer server, CurrentSettings settings, ServerCertificates certificates, StopClock stop, ILogger<SmtpServerHost> logger) : IHostedService
{
    private readonly List<(IPEndPoint EndPoint, int Listener)> listening = [];

    /// <summary>Where it listens, with the ports that it got, and by which of the listeners in the options.</summary>
    public IReadOnlyList<(IPEndPoint EndPoint, int Listener)> Listening => listening;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        server.MaxSessions = settings.Value.Connections;
        server.SessionMemory = settings.Value.SessionMemory;
        if (settings.Value.Listeners.Any(static listener => listener.Tls != ListenerTls.Off))
            certificates.Start();
        for (var i = 0; i < settings.Value.Listeners.Length; i++)
        {
            var listener = settings.Value.Listeners[i];
            // A machine without IPv6 is no reason not to start.
            if (listener.IsOptional && listener.EndPoint.AddressFamily == AddressFamily.InterNetworkV6 && !Socket.OSSupportsIPv6)
                LogSkipped(listener.EndPoint, "this machine has no IPv6");
            else
                Listen(listener, i);
        }
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await server.StopAsync(stop.Remaining(), cancellationToken);

    private void Listen(ListenerSettings listener, int number)
    {
        try
        {
            var endPoint = server.Listen(listener.EndPoint, new ListenerProfile
            {
                Settings = () => settings.Value.SessionFor(listener),
                Proxies = listener.Proxies,
                Tls = listener.Tls == ListenerTls.Off ? null : () => certificates.For(listener.AsksForClientCertificate),
                IsImplicitTls = listener.Tls == ListenerTls.Implicit,
            });
            listening.Add((endPoint, number));
        }
        catch (IOException e) when (listener.IsOptional && e.InnerException is SocketException { SocketErrorCode: SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported })
        {
            LogSkipped(listener.EndPoint, "this machine does not have the address");
        }
    }
}
