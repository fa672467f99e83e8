using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.Bench;

/// <summary>
/// SslStream over a socket and nothing else: it greets under TLS, and reads until the client closes. What is over its cost in
/// Postrider is Postrider's.
/// </summary>
internal static class BareTlsServer
{
    public static async Task RunAsync(IPEndPoint listen, string certificate, string key, CancellationToken interrupted)
    {
        using var pair = X509Certificate2.CreateFromPemFile(certificate, key);
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(pair, additionalCertificates: null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(listen);
        listener.Listen(4096);
        while (!interrupted.IsCancellationRequested)
            _ = ServeAsync(await listener.AcceptAsync(interrupted), options, interrupted);
    }

    private static async Task ServeAsync(Socket socket, SslServerAuthenticationOptions options, CancellationToken interrupted)
    {
        socket.NoDelay = true;
        await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsServerAsync(options, interrupted);
            await stream.WriteAsync("220 bare.example\r\n"u8.ToArray(), interrupted);
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer, interrupted) > 0)
            {
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException)
        {
            // A client that is gone.
        }
    }
}
