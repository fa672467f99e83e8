using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using Postrider.Resolver;
using Postrider.Resolver.Records;

namespace Postrider.Hosting.BlockLists;

/// <summary>Asks block lists in DNS for an address (RFC 5782). A list that does not answer lists nobody.</summary>
internal sealed class BlockListing(DnsResolver resolver)
{
    private const int LongestReason = 200;

    /// <summary>Asks all lists at once.</summary>
    /// <returns>The first of them that lists the address, and why; null where none does.</returns>
    public async ValueTask<(string List, string Reason)?> FindAsync(IPAddress address, ImmutableArray<string> lists, CancellationToken cancellationToken)
    {
        var reversed = Reverse(address);
        var answers = lists.Select(list => resolver.ResolveAsync($"{reversed}.{list}", RecordType.A, cancellationToken).AsTask()).ToArray();
        for (var i = 0; i < answers.Length; i++)
        {
            if (!IsListed(await answers[i]))
                continue;
            var text = await resolver.ResolveAsync($"{reversed}.{lists[i]}", RecordType.Txt, cancellationToken);
            return (lists[i], text.Records is [TextRecord { Text: var reason }, ..] ? Printable(reason) : "");
        }
        return null;
    }

    /// <summary>The labels by which lists know an address: octets of IPv4, half octets of IPv6, the last first (RFC 5782 §2.1, §2.4).</summary>
    public static string Reverse(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        var octets = address.GetAddressBytes();
        Array.Reverse(octets);
        return octets.Length == 4
            ? string.Join('.', octets.Select(static octet => octet.ToString(CultureInfo.InvariantCulture)))
            : string.Join('.', octets.Select(static octet => string.Create(CultureInfo.InvariantCulture, $"{octet & 15:x}.{octet >> 4:x}")));
    }

    // RFC 5782 §2.1: a listing is an address of 127.0.0.0/8. Lists say "you may not ask us" by 127.255.255.0/24, and a
    // domain that has been sold answers everything with an address of its own.
    private static bool IsListed(DnsAnswer answer) =>
        answer.Records.Any(static record => record is AddressRecord { Address: var address } && address.GetAddressBytes() is [127, var second, var third, _] && (second, third) != (255, 255));

    private static string Printable(string reason)
    {
        var text = new StringBuilder();
        foreach (var character in reason.Length > LongestReason ? reason.AsSpan(0, LongestReason) : reason)
            text.Append(character is >= ' ' and < (char)127 ? character : '?');
        return text.ToString();
    }
}
