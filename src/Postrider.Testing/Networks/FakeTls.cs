using Postrider.Smtp.Tls;
using Postrider.Transport;
using Postrider.Transport.Tls;

namespace Postrider.Testing.Networks;

/// <summary>TLS of a simulation: octets go as they are, and what a handshake settles is what the test says.</summary>
public sealed class FakeTls : ITlsUpgrade
{
    private readonly List<TlsClientSettings> asked = [];

    /// <summary>Whether the certificate of the server leads to an authority that is trusted; true unless set.</summary>
    public bool IsTrusted { get; set; } = true;

    /// <summary>Whether it names the host; true unless set.</summary>
    public bool NamesHost { get; set; } = true;

    /// <summary>Why handshakes fail, or null: they do not.</summary>
    public string? Failure { get; set; }

    /// <summary>Whether the other side says nothing in the handshake.</summary>
    public bool IsSilent { get; set; }

    /// <summary>The certificate that clients show to a server that asks for one, or null.</summary>
    public TlsPeerCertificate? ClientCertificate { get; set; }

    /// <summary>What clients asked for, each time.</summary>
    public IReadOnlyList<TlsClientSettings> Asked => asked;

    /// <inheritdoc/>
    public async ValueTask<TlsHandshake> AcceptAsync(ITransport connection, TlsServerSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(settings);
        return await FailAsync(connection, Failure, cancellationToken) ?? TlsHandshake.Established(connection, Facts(null, settings.AsksForClientCertificate ? ClientCertificate : null));
    }

    /// <inheritdoc/>
    public async ValueTask<TlsHandshake> ConnectAsync(ITransport connection, TlsClientSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(settings);
        asked.Add(settings);
        var failure = Failure ?? (settings.Verify && !(IsTrusted && NamesHost) ? "the certificate is not good enough" : null);
        return await FailAsync(connection, failure, cancellationToken) ?? TlsHandshake.Established(
            connection,
            Facts(settings.TargetHost, new TlsPeerCertificate { Subject = "CN=fake", Fingerprint = new string('0', 64), IsTrusted = IsTrusted, NamesHost = NamesHost }));
    }

    private static TlsFacts Facts(string? name, TlsPeerCertificate? certificate) =>
        new() { Protocol = "TLSv1.3", CipherSuite = "TLS_FAKE", ServerName = name, PeerCertificate = certificate };

    private async ValueTask<TlsHandshake?> FailAsync(ITransport connection, string? failure, CancellationToken cancellationToken)
    {
        if (IsSilent)
        {
            try
            {
                await connection.ReadAsync(new byte[1], cancellationToken);
            }
            catch (IOException e)
            {
                return TlsHandshake.Failed(new TlsFailure(TlsFailureKind.Connection, e.Message));
            }
        }
        if (failure is null)
            return null;
        await connection.DisposeAsync();
        return TlsHandshake.Failed(new TlsFailure(TlsFailureKind.Protocol, failure));
    }
}
