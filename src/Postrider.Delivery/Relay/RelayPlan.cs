using System.Net;
using System.Security.Cryptography;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Sasl;
using Postrider.Transport.Dialing;
using Postrider.Transport.Tls;

namespace Postrider.Delivery.Relay;

/// <summary>
/// How one host is spoken to on the terms of its route. A pool shares connections by these very objects, so that
/// a plan is made once, and anew only for another credential. Immutable.
/// </summary>
public sealed class RelayPlan
{
    // RFC 8314 §7.3.
    private const int TlsPort = 465;

    private static readonly ChunkingClientExtension allInChunks = new(forAll: true);

    private readonly SaslCredential? credential;

    /// <summary>Makes a plan.</summary>
    /// <param name="basis">How servers are spoken to in any case.</param>
    /// <param name="upgrade">Brings connections under TLS.</param>
    /// <param name="terms">The terms.</param>
    /// <param name="host">The host.</param>
    /// <param name="isLoopback">Whether it is this machine.</param>
    /// <param name="credential">Who we are, as the terms' source of credentials says now; or null.</param>
    public RelayPlan(ClientSettings basis, ITlsUpgrade upgrade, RelayTerms terms, RelayHost host, bool isLoopback, SaslCredential? credential)
    {
        ArgumentNullException.ThrowIfNull(basis);
        ArgumentNullException.ThrowIfNull(terms);
        this.credential = credential;
        if (terms.ChunksAll)
            basis = basis with { Extensions = [.. basis.Extensions.Select(static extension => extension is ChunkingClientExtension ? allInChunks : extension)] };
        Client = basis with
        {
            Extensions =
            [
                new StartTlsClientExtension(terms.Tls),
                .. basis.Extensions,
                .. credential is null ? (ClientExtension[])[] : [new AuthClientExtension(credential, host.Host, host.Port, isLoopback, RandomNumberGenerator.Fill)],
            ],
        };
        if (terms.Tls == TlsDemand.None)
            return;
        var handshake = new TlsClientSettings
        {
            TargetHost = host.Host,
            Verify = terms.Tls == TlsDemand.Verified,
            TrustAnchors = terms.TrustAnchors,
            Certificate = terms.Certificate,
        };
        Tls = new DialTls(upgrade, handshake) { FromFirstOctet = terms.TlsOnConnect ?? host.Port == TlsPort };
        // Credentials never go in the clear, and where TLS comes first nothing in the clear is listened to.
        if (terms is { Tls: TlsDemand.Opportunistic, ClearAfterFailure: true } && !Tls.FromFirstOctet && credential is null)
            Clear = basis;
    }

    /// <summary>How the client speaks.</summary>
    public ClientSettings Client { get; }

    /// <summary>How connections come under TLS, or null where they never do.</summary>
    public DialTls? Tls { get; }

    /// <summary>How the client speaks in the clear where a handshake has failed; null where it does not.</summary>
    public ClientSettings? Clear { get; }

    /// <summary>The plans for the hosts of one target.</summary>
    internal sealed class Set(ClientSettings basis, ITlsUpgrade upgrade, RelayTarget target)
    {
        private readonly Lock gate = new();
        private readonly RelayTerms relaxed = target.Terms with { Tls = TlsDemand.Opportunistic, ClearAfterFailure = true };
        private readonly Dictionary<(RelayHost Host, bool IsLoopback, bool IsRelaxed), RelayPlan> plans = [];

        public RelayPlan For(RelayHost host, IPAddress address, SaslCredential? credential, TlsWish wish)
        {
            var isRelaxed = wish == TlsWish.Waived && target.Terms is { SenderMayWaiveTls: true, Tls: not TlsDemand.None };
            var key = (host, IPAddress.IsLoopback(address), isRelaxed);
            lock (gate)
            {
                if (!plans.TryGetValue(key, out var plan) || !ReferenceEquals(plan.credential, credential))
                    plans[key] = plan = new RelayPlan(basis, upgrade, isRelaxed ? relaxed : target.Terms, host, key.Item2, credential);
                return plan;
            }
        }
    }
}
