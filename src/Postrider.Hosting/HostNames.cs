using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Postrider.Delivery.Routing;

namespace Postrider.Hosting;

/// <summary>Names of hosts and domains as options give them.</summary>
internal static class HostNames
{
    /// <summary>Whether a domain means the same everywhere: more than one label, or an address literal.</summary>
    public static bool IsQualified(string domain) => domain.Contains('.', StringComparison.Ordinal) || domain.StartsWith('[');

    /// <summary>The name of this machine with its domain, or what comes nearest to it and can be said in EHLO.</summary>
    public static string OfThisMachine()
    {
        var host = Environment.MachineName;
        var domain = IPGlobalProperties.GetIPGlobalProperties().DomainName;
        var name = domain.Length > 0 && !host.Contains('.', StringComparison.Ordinal) && domain != "(none)" ? $"{host}.{domain}" : host;
        return IsDomain(name) ? name : "localhost";
    }

    /// <summary>Whether a text is a domain: labels of letters, digits and hyphens (RFC 1123 §2.1), or U-labels.</summary>
    public static bool IsDomain(string text)
    {
        if (text.Length is 0 or > 255)
            return false;
        foreach (var label in text.Split('.'))
        {
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (var c in label)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_') && (c < 0x80 || !char.IsLetterOrDigit(c)))
                    return false;
            }
        }
        return true;
    }

    /// <summary>Whether a text is an address in brackets (RFC 5321 §4.1.3).</summary>
    public static bool IsAddressLiteral(string text) =>
        text is ['[', .. var inner, ']']
        && IPAddress.TryParse(inner.StartsWith("IPv6:", StringComparison.OrdinalIgnoreCase) ? inner[5..] : inner, out _);

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>address:port</c> or <c>[address]:port</c>.</summary>
    /// <param name="text">What is written.</param>
    /// <param name="host">The host.</param>
    /// <param name="defaultPort">The port where none is written.</param>
    public static bool TryParseHost(string text, out RelayHost host, int defaultPort = RelayHost.DefaultPort)
    {
        host = default;
        var name = text;
        var port = defaultPort;
        var bracket = text.LastIndexOf(']');
        var colon = text.LastIndexOf(':');
        if (colon > bracket && (bracket > 0 || text.IndexOf(':', StringComparison.Ordinal) == colon))
        {
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > IPEndPoint.MaxPort)
                return false;
            name = text[..colon];
        }
        if (name is ['[', .. var inner, ']'])
            name = inner;
        if (!IPAddress.TryParse(name, out var address) ? !IsDomain(name) || name.All(static c => char.IsAsciiDigit(c) || c == '.') : address.AddressFamily == AddressFamily.InterNetworkV6 && bracket < 0 && colon >= 0 && name != text)
            return false;
        host = new RelayHost(name, port);
        return true;
    }
}
