using System.Net;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Events;

/// <summary>How logs name a peer.</summary>
internal static class PeerText
{
    public static string Of(SessionFacts facts) =>
        facts.PeerAddress is null ? facts.PeerName ?? "local" : new IPEndPoint(facts.PeerAddress, facts.PeerPort).ToString();
}
