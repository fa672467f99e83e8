using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Postrider.Hosting.Certificates;
using Postrider.Hosting.Admission;
using Postrider.Hosting.Fetching;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>Checks the listeners, against each other too.</summary>
/// <param name="report">Is told of each mistake: where, and what would be right.</param>
/// <param name="tls">Checks what they do about TLS.</param>
internal sealed class ListenerOptionsCheck(Action<string, string> report, TlsOptionsCheck tls)
{
    /// <summary>Checks and freezes the listeners.</summary>
    /// <param name="given">The options.</param>
    /// <param name="isGiven">Whether there is a certificate.</param>
    /// <param name="isOurOwn">Whether we have made it ourselves.</param>
    /// <param name="fetching">Who may fetch mail.</param>
    public ImmutableArray<ListenerSettings> Freeze(IList<ListenerOptions> given, bool isGiven, bool isOurOwn, FetchRights fetching)
    {
        if (given.Count == 0)
            report("listeners", "is empty; give at least one, such as { \"address\": \"0.0.0.0\", \"port\": 25 }.");
        var listeners = ImmutableArray.CreateBuilder<ListenerSettings>(given.Count);
        for (var i = 0; i < given.Count; i++)
        {
            var path = Item(i);
            if (!IPAddress.TryParse(given[i].Address, out var address))
            {
                report($"{path}.address", $"{(given[i].Address.Length == 0 ? "is missing" : $"\"{given[i].Address}\" is not an address")}; give one such as 127.0.0.1, or 0.0.0.0 and :: for every address of this machine.");
                address = IPAddress.None;
            }
            var proxies = NetworkList.Freeze($"{path}.proxyFrom", given[i].ProxyFrom, "anyone could name any client. Name the load balancers.", report);
            var mode = tls.Freeze(path, given[i].Tls, isGiven, isOurOwn);
            if (given[i].ClientCertificates is not ("off" or "asked"))
                report($"{path}.clientCertificates", $"\"{given[i].ClientCertificates}\" is neither off nor asked.");
            else if (given[i].ClientCertificates == "asked" && mode == ListenerTls.Off)
                report($"{path}.clientCertificates", "are shown under TLS only; give the listener tls, or remove it.");
            var hasPort = given[i].Port is >= 0 and <= IPEndPoint.MaxPort;
            if (!hasPort)
                report($"{path}.port", string.Create(CultureInfo.InvariantCulture, $"{given[i].Port} is not a port; give a number from 0 to {IPEndPoint.MaxPort}."));
            var kind = KindOf(given[i], path, fetching);
            if (hasPort)
                listeners.Add(new ListenerSettings(new IPEndPoint(address, given[i].Port), given[i].IsOptional, new PeerNetworks(proxies), mode, given[i].ClientCertificates == "asked", kind));
            for (var j = 0; j < i; j++)
            {
                if (given[i].Port != 0 && given[i].Port == given[j].Port && IPAddress.TryParse(given[j].Address, out var other) && Overlap(address, other))
                {
                    report(path, string.Create(CultureInfo.InvariantCulture, $"{address} port {given[i].Port} is taken by {Item(j)} already; give another port or remove one of them."));
                    break;
                }
            }
        }
        return listeners.ToImmutable();
    }

    private ListenerKind KindOf(ListenerOptions listener, string path, FetchRights fetching)
    {
        if (listener.CramMd5 && listener.Kind != "odmr")
            report($"{path}.cramMd5", "is for listeners of the kind odmr alone; elsewhere a password is proven by SCRAM-SHA-256.");
        switch (listener.Kind)
        {
            case "smtp":
                return ListenerKind.Smtp;
            case "submission":
                return ListenerKind.Submission;
            case "odmr":
                if (fetching.IsNobody)
                    report($"{path}.kind", "\"odmr\" is for peers that fetch their mail, and nobody may; name in mayFetch who may.");
                return listener.CramMd5 ? ListenerKind.OnDemandRelayWithCramMd5 : ListenerKind.OnDemandRelay;
            case "none":
                return ListenerKind.NoMail;
            default:
                report($"{path}.kind", $"\"{listener.Kind}\" is not a kind of listener; known: smtp, submission, odmr, none.");
                return ListenerKind.Smtp;
        }
    }

    private static bool Overlap(IPAddress a, IPAddress b) =>
        !a.Equals(IPAddress.None) && a.AddressFamily == b.AddressFamily && (a.Equals(b) || IsAny(a) || IsAny(b));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static string Item(int index) => string.Create(CultureInfo.InvariantCulture, $"listeners[{index}]");
}
