using System.Buffers.Binary;
using System.Net;
using System.Text;
using Postrider.Resolver.Records;
using Postrider.Resolver.Servers;
using Postrider.Resolver.Wire;

namespace Postrider.Testing.Resolution;

/// <summary>
/// DNS servers within the process: they speak the wire format, and say what a test has told them. A name they have not been told of does
/// not exist.
/// </summary>
public sealed class FakeDns : IDnsExchange
{
    private readonly Dictionary<(string Name, RecordType Type), List<byte[]>> zone = [];

    /// <summary>How many questions came, by either way.</summary>
    public int Asked { get; private set; }

    /// <summary>How many of them came by TCP.</summary>
    public int AskedByTcp { get; private set; }

    /// <summary>How long records and "no" may be kept. 5 minutes at first.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Servers that never answer.</summary>
    public ISet<IPEndPoint> Silent { get; } = new HashSet<IPEndPoint>();

    /// <summary>The RCODE of every answer; 0 at first, for what the zone says.</summary>
    public int Failure { get; set; }

    /// <summary>Adds addresses.</summary>
    public FakeDns Add(string name, params IPAddress[] addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        foreach (var address in addresses)
            Add(name, address.GetAddressBytes() is { Length: 4 } ? RecordType.A : RecordType.Aaaa, address.GetAddressBytes());
        return this;
    }

    /// <summary>Adds a text, in strings of 255 octets at most.</summary>
    public FakeDns AddText(string name, string text)
    {
        var octets = Encoding.Latin1.GetBytes(text);
        return Add(name, RecordType.Txt, [.. octets.Chunk(255).SelectMany(static part => part.Prepend((byte)part.Length))]);
    }

    /// <summary>Adds a host that takes mail.</summary>
    public FakeDns AddMailExchange(string name, int preference, string host) =>
        Add(name, RecordType.Mx, [(byte)(preference >> 8), (byte)preference, .. Name(host)]);

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(
        IPEndPoint server, ReadOnlyMemory<byte> query, bool overTcp, Func<ReadOnlyMemory<byte>, bool> isAnswer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(isAnswer);
        Asked++;
        AskedByTcp += overTcp ? 1 : 0;
        if (Silent.Contains(server))
        {
            var never = new TaskCompletionSource();
            await using (cancellationToken.UnsafeRegister((_, token) => never.TrySetCanceled(token), null))
                await never.Task;
        }
        var answer = Answer(query.Span, overTcp);
        return isAnswer(answer) ? answer : throw new IOException("The fake server answered another question.");
    }

    private FakeDns Add(string name, RecordType type, byte[] data)
    {
        var key = (name.ToLowerInvariant(), type);
        if (!zone.TryGetValue(key, out var records))
            zone.Add(key, records = []);
        records.Add(data);
        return this;
    }

    private byte[] Answer(ReadOnlySpan<byte> query, bool overTcp)
    {
        var at = 12;
        if (!WireName.TryRead(query, ref at, out var name))
            throw new IOException("The question cannot be read.");
        var type = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(query[at..]);
        name = name.ToLowerInvariant();
        var records = Failure == 0 ? zone.GetValueOrDefault((name, type)) ?? [] : [];
        var exists = zone.Keys.Any(key => key.Name == name);
        var code = Failure != 0 ? Failure : exists ? 0 : 3;
        List<byte> message = [query[0], query[1], 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)records.Count, 0, (byte)(records.Count == 0 ? 1 : 0), 0, 0, .. query[12..(at + 4)]];
        foreach (var data in records)
            AddRecord(message, [0xC0, 12], (int)type, data);
        if (records.Count == 0)
            AddRecord(message, [0], 6, [0, 0, .. new byte[16], .. Number((int)TimeToLive.TotalSeconds)]);
        if (overTcp || message.Count <= DnsQuery.DatagramSize)
            return [.. message];
        return [query[0], query[1], 0x83, 0x80, 0, 1, 0, 0, 0, 0, 0, 0, .. query[12..(at + 4)]];
    }

    private void AddRecord(List<byte> message, byte[] owner, int type, byte[] data) =>
        message.AddRange([.. owner, 0, (byte)type, 0, 1, .. Number((int)TimeToLive.TotalSeconds), (byte)(data.Length >> 8), (byte)data.Length, .. data]);

    private static byte[] Number(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static List<byte> Name(string name)
    {
        var octets = new List<byte>();
        return WireName.TryWrite(name, octets) ? octets : throw new ArgumentException($"{name} is no name.", nameof(name));
    }
}
