using Postrider.Smtp.Tls;
using Postrider.Transport;
using Postrider.Transport.Tls;

namespace Postrider.Tests.Transport.Dialing;

/// <summary>TLS of a simulation: octets go as they are, and what the handshake settles is what a test says.</summary>
internal sealed class FakeTls : ITlsUpgrade
{
    /// <summary>The certificate that the server shows.</summary>
    public bool IsTrusted { get; set; } = true;

    public bool NamesHost { get; set; } = true;

    /// <summary>Why handshakes fail, or null.</summary>
    public string? Failure { get; set; }

    /// <summary>Whether the server says nothing in the handshake.</summary>
    public bool IsSilent { get; set; }

    /// <summary>What was asked for, each time.</summary>
    public List<TlsClientSettings> Asked { get; } = [];

    public ValueTask<TlsHandshake> AcceptAsync(ITransport connection, TlsServerSettings settings, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public async ValueTask<TlsHandshake> ConnectAsync(ITransport connection, TlsClientSettings settings, CancellationToken cancellationToken = default)
    {
        Asked.Add(settings);
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
        var failure = Failure ?? (settings.Verify && !(IsTrusted && NamesHost) ? "the certificate is not good enough" : null);
        if (failure is not null)
        {
            await connection.DisposeAsync();
            return TlsHandshake.Failed(new TlsFailure(TlsFailureKind.Protocol, failure));
        }
        return TlsHandshake.Established(connection, new TlsFacts
        {
            Protocol = "TLSv1.3",
            CipherSuite = "TLS_FAKE",
            ServerName = settings.TargetHost,
            PeerCertificate = new TlsPeerCertificate { Subject = "CN=fake", Fingerprint = new string('0', 64), IsTrusted = IsTrusted, NamesHost = NamesHost },
        });
    }
}
