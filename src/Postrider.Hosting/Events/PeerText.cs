using System.Net;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Events;

/// <summary>How logs name a peer.</summary>
internal static class PeerText
{
    public static string Of(SessionFacts facts)
    {
        var peer = facts.PeerAddress is null ? facts.PeerName ?? "local" : new IPEndPoint(facts.PeerAddress, facts.PeerPort).ToString();
        return facts.Forwarded is { } forwarded ? $"{peer} for {Of(forwarded)}" : peer;
    }

    private static string Of(ForwardedFacts facts) =>
        facts.Address is null ? "a local client" : string.Join(' ', new[] { facts.Name, $"[{facts.Address}]", facts.Identity }.OfType<string>());
}
