using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using Postrider.Resolver.Records;

namespace Postrider.Resolver.Wire;

/// <summary>A response on the wire (RFC 1035 §4.1), as far as one question needs it.</summary>
internal sealed class DnsResponse
{
    private const int Alias = 5;
    private const int StartOfAuthority = 6;

    // RFC 1034 §3.6.2 asks for no bound; nobody sane needs more.
    private const int LongestChain = 12;

    /// <summary>RCODE (RFC 1035 §4.1.1).</summary>
    public int Code { get; private init; }

    /// <summary>Whether it was cut to the size of a datagram.</summary>
    public bool IsTruncated { get; private init; }

    /// <summary>Whether the server says that it is proven.</summary>
    public bool IsAuthentic { get; private init; }

    /// <summary>The records asked for.</summary>
    public ImmutableArray<DnsRecord> Records { get; private init; }

    /// <summary>How long a "no" may be kept (RFC 2308 §5); null where nothing says so.</summary>
    public TimeSpan? NegativeTime { get; private init; }

    /// <summary>Whether a message answers the question: anybody may send to the port it came from.</summary>
    public static bool Answers(ReadOnlySpan<byte> message, int id, string name, RecordType type)
    {
        if (message.Length < 12 || BinaryPrimitives.ReadUInt16BigEndian(message) != id || (message[2] & 0x80) == 0 || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
            return false;
        var at = 12;
        return WireName.TryRead(message, ref at, out var asked) && message.Length >= at + 4
            && asked.Equals(name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)
            && BinaryPrimitives.ReadUInt16BigEndian(message[at..]) == (int)type && BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]) == 1;
    }

    /// <summary>Reads a message that answers the question; null where it cannot be read.</summary>
    public static DnsResponse? Parse(ReadOnlySpan<byte> message, string name, RecordType type)
    {
        var at = 12;
        if (!WireName.TryRead(message, ref at, out _))
            return null;
        at += 4;
        var answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var authorities = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        var isTruncated = (message[2] & 0x02) != 0;
        var records = new List<DnsRecord>();
        var aliases = new Dictionary<string, (string Host, TimeSpan Time)>(StringComparer.OrdinalIgnoreCase);
        TimeSpan? negative = null;
        for (var i = 0; i < answers + authorities; i++)
        {
            if (!TryReadRecord(message, ref at, out var owner, out var kind, out var time, out var start, out var end))
                return isTruncated ? new DnsResponse { IsTruncated = true, Records = [] } : null;
            if (i >= answers)
            {
                if (kind == StartOfAuthority && end - start >= 20)
                    negative = TimeSpan.FromSeconds(Math.Min(time.TotalSeconds, BinaryPrimitives.ReadUInt32BigEndian(message[(end - 4)..])));
                continue;
            }
            if (kind == Alias && WireName.TryRead(message, ref start, out var host))
                aliases.TryAdd(owner, (host, time));
            else if (kind == (int)type && ReadRecord(message[..end], start, owner, time, type) is { } record)
                records.Add(record);
        }
        return new DnsResponse
        {
            Code = message[3] & 0x0F,
            IsTruncated = isTruncated,
            IsAuthentic = (message[3] & 0x20) != 0,
            Records = Follow(name.TrimEnd('.'), records, aliases),
            NegativeTime = negative,
        };
    }

    // Only what the name leads to counts: a server may add what it likes.
    private static ImmutableArray<DnsRecord> Follow(string name, List<DnsRecord> records, Dictionary<string, (string Host, TimeSpan Time)> aliases)
    {
        var least = TimeSpan.MaxValue;
        for (var i = 0; i < LongestChain && aliases.TryGetValue(name, out var alias); i++)
        {
            name = alias.Host;
            least = alias.Time < least ? alias.Time : least;
        }
        return [.. records
            .Where(record => record.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(record => record.TimeToLive > least ? record with { TimeToLive = least } : record)];
    }

    private static bool TryReadRecord(ReadOnlySpan<byte> message, ref int at, out string owner, out int type, out TimeSpan time, out int start, out int end)
    {
        (type, time, start, end) = (0, TimeSpan.Zero, 0, 0);
        if (!WireName.TryRead(message, ref at, out owner) || message.Length < at + 10)
            return false;
        // RFC 2181 §8: a time with its highest bit set is zero.
        var seconds = BinaryPrimitives.ReadInt32BigEndian(message[(at + 4)..]);
        time = TimeSpan.FromSeconds(Math.Max(0, seconds));
        start = at + 10;
        at = end = start + BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
        // Of another class than IN it is nothing that we know.
        type = BinaryPrimitives.ReadUInt16BigEndian(message[(start - 8)..]) == 1 ? BinaryPrimitives.ReadUInt16BigEndian(message[(start - 10)..]) : 0;
        return end <= message.Length;
    }

    private static DnsRecord? ReadRecord(ReadOnlySpan<byte> message, int start, string owner, TimeSpan time, RecordType type)
    {
        var data = message[start..];
        switch (type)
        {
            case RecordType.A when data.Length == 4:
            case RecordType.Aaaa when data.Length == 16:
                return new AddressRecord(owner, time, new IPAddress(data));
            case RecordType.Mx when data.Length > 2:
                var preference = BinaryPrimitives.ReadUInt16BigEndian(data);
                start += 2;
                return WireName.TryRead(message, ref start, out var exchange) ? new MailExchangeRecord(owner, time, preference, exchange) : null;
            case RecordType.Ptr:
                return WireName.TryRead(message, ref start, out var host) ? new PointerRecord(owner, time, host) : null;
            case RecordType.Txt:
                var text = new StringBuilder();
                while (!data.IsEmpty)
                {
                    if (data[0] >= data.Length)
                        return null;
                    text.Append(Encoding.Latin1.GetString(data.Slice(1, data[0])));
                    data = data[(data[0] + 1)..];
                }
                return new TextRecord(owner, time, text.ToString());
            default:
                return null;
        }
    }
}
