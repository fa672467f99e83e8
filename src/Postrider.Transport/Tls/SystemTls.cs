using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Postrider.Smtp.Tls;

namespace Postrider.Transport.Tls;

/// <summary>
/// TLS 1.2 and 1.3 by SslStream, with the cipher suites of the system (setting our own would end the
/// resumption of sessions). Renegotiation is refused.
/// </summary>
public sealed class SystemTls : ITlsUpgrade
{
    private const SslProtocols Versions = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <inheritdoc/>
    public async ValueTask<TlsHandshake> AcceptAsync(ITransport connection, TlsServerSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(settings);
        var judge = settings.AsksForClientCertificate ? new PeerJudge(host: null, mustVerify: false) : null;
        var certificate = settings.Certificates[0];
        var stream = new SslStream(new TransportStream(connection), leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsServerAsync(
                (_, hello, _, _) =>
                {
                    certificate = settings.Choose(hello.ServerName);
                    return new(OptionsFor(certificate, settings, judge));
                },
                null,
                cancellationToken);
        }
        catch (Exception e)
        {
            return await FailAsync(connection, stream, e, judge, cancellationToken);
        }
        return TlsHandshake.Established(new TlsTransport(connection, stream), FactsOf(stream, judge, certificate.ServerEndPoint));
    }

    /// <inheritdoc/>
    public async ValueTask<TlsHandshake> ConnectAsync(ITransport connection, TlsClientSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(settings);
        var judge = new PeerJudge(settings.TargetHost, settings.Verify);
        var stream = new SslStream(new TransportStream(connection), leaveInnerStreamOpen: true);
        try
        {
            await stream.AuthenticateAsClientAsync(OptionsFor(settings, judge), cancellationToken);
        }
        catch (Exception e)
        {
            return await FailAsync(connection, stream, e, judge, cancellationToken);
        }
        return TlsHandshake.Established(new TlsTransport(connection, stream), FactsOf(stream, judge, judge.ServerEndPoint));
    }

    private static SslServerAuthenticationOptions OptionsFor(TlsCertificate certificate, TlsServerSettings settings, PeerJudge? judge) => new()
    {
        ServerCertificateContext = certificate.Context,
        EnabledSslProtocols = Versions,
        AllowRenegotiation = false,
        ClientCertificateRequired = judge is not null,
        RemoteCertificateValidationCallback = judge is null ? null : judge.Judge,
        CertificateChainPolicy = judge is null ? null : PolicyFor(settings.ClientAuthorities.AsSpan()),
    };

    private static SslClientAuthenticationOptions OptionsFor(TlsClientSettings settings, PeerJudge judge) => new()
    {
        TargetHost = settings.TargetHost,
        EnabledSslProtocols = Versions,
        AllowRenegotiation = false,
        ClientCertificateContext = settings.Certificate?.Context,
        RemoteCertificateValidationCallback = judge.Judge,
        CertificateChainPolicy = PolicyFor(settings.TrustAnchors.AsSpan()),
    };

    private static X509ChainPolicy PolicyFor(ReadOnlySpan<X509Certificate2> anchors)
    {
        // Neither revocation nor a missing certificate is asked for on the net: a handshake waits for nobody else.
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (!anchors.IsEmpty)
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (var anchor in anchors)
            policy.CustomTrustStore.Add(anchor);
        return policy;
    }

    private static TlsFacts FactsOf(SslStream stream, PeerJudge? judge, ReadOnlyMemory<byte> serverEndPoint) => new()
    {
        Protocol = stream.SslProtocol == SslProtocols.Tls13 ? "TLSv1.3" : "TLSv1.2",
        CipherSuite = stream.NegotiatedCipherSuite.ToString(),
        ServerName = stream.TargetHostName is { Length: > 0 } name ? name : null,
        PeerCertificate = judge?.Certificate,
        ServerEndPoint = serverEndPoint,
    };

    private static async ValueTask<TlsHandshake> FailAsync(
        ITransport connection, SslStream stream, Exception e, PeerJudge? judge, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            connection.Abort();
        // Not aborted otherwise: the alert that says why is still on its way.
        await connection.DisposeAsync();
        await stream.DisposeAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return TlsHandshake.Failed(judge?.Failure ?? new TlsFailure(
            e is IOException ? TlsFailureKind.Connection : TlsFailureKind.Protocol,
            ReasonOf(e),
            judge?.Certificate));
    }

    // The innermost exception is OpenSSL's own and names the mistake; the outer ones say "see inner exception".
    private static string ReasonOf(Exception e)
    {
        while (e.InnerException is { } inner)
            e = inner;
        return e.Message;
    }
}
