using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postrider.Hosting.Admission;

/// <summary>Networks as an operator writes them: addresses, and prefixes such as <c>10.0.0.0/8</c>.</summary>
internal static class NetworkList
{
    /// <summary>Reads a list; what is wrong is reported with its place.</summary>
    /// <param name="path">The name of the list.</param>
    /// <param name="given">The addresses and prefixes.</param>
    /// <param name="whyNotAll">What every address would mean, for the message.</param>
    /// <param name="report">Takes each mistake: the path and what is wrong.</param>
    public static ImmutableArray<IPNetwork> Freeze(string path, IList<string> given, string whyNotAll, Action<string, string> report)
    {
        var networks = ImmutableArray.CreateBuilder<IPNetwork>(given.Count);
        for (var i = 0; i < given.Count; i++)
        {
            if (TryParse(given[i], whyNotAll, out var network, out var mistake))
                networks.Add(network);
            else
                report(string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), mistake);
        }
        return networks.ToImmutable();
    }

    private static bool TryParse(string text, string whyNotAll, out IPNetwork network, out string mistake)
    {
        network = default;
        mistake = "";
        var (start, length) = text.Split('/', 2) is [var left, var right] ? (left, right) : (text, null);
        if (!IPAddress.TryParse(start, out var address))
        {
            mistake = $"\"{text}\" is not a network; give an address or a prefix such as 10.0.0.0/8 or fd00::/8.";
            return false;
        }
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var prefix = bits;
        if (length is not null && (!int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out prefix) || prefix > bits))
            mistake = $"/{length} is not the length of a prefix; give a number from 1 to {bits}.";
        else if (prefix == 0)
            mistake = $"{text} is every address there is: {whyNotAll}";
        else if (!Mask(address, prefix).Equals(address))
            mistake = $"{text} has bits set behind its prefix; did you mean {Mask(address, prefix)}/{prefix}?";
        else
            network = new IPNetwork(address, prefix);
        return mistake.Length == 0;
    }

    private static IPAddress Mask(IPAddress address, int prefix)
    {
        var octets = address.GetAddressBytes();
        for (var bit = prefix; bit < octets.Length * 8; bit++)
            octets[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPAddress(octets);
    }
}
