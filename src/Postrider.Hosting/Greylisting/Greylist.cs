using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postrider.Hosting.Admission;
using Postrider.Smtp.Addresses;

namespace Postrider.Hosting.Greylisting;

/// <summary>
/// What greylisting remembers: the attempts that were put off, by network, sender and recipient, and the networks that
/// came again. Bounded: where there are too many attempts the oldest is forgotten, and comes to be put off once more.
/// </summary>
internal sealed class Greylist(int places = Greylist.DefaultPlaces)
{
    private const int DefaultPlaces = 200_000;
    private const string Header = "postrider greylist 1";

    private readonly Lock gate = new();
    private readonly Dictionary<UInt128, long> waiting = [];
    private readonly Queue<(UInt128 Key, long Since)> order = new();
    private readonly Dictionary<AddressBlock, long> known = [];

    /// <summary>Whether there is something that has not been written.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>An attempt.</summary>
    /// <returns>Whether it is let pass.</returns>
    public bool Pass(AddressBlock network, ReversePath sender, Mailbox recipient, GreylistOptions options, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        var key = KeyOf(network, sender, recipient);
        lock (gate)
        {
            if (known.TryGetValue(network, out var last) && seconds - last < (long)options.Keep.TotalSeconds)
            {
                // To the hour is enough, and saves writing.
                IsChanged |= seconds - last >= 3600;
                if (seconds - last >= 3600)
                    known[network] = seconds;
                return true;
            }
            IsChanged = true;
            if (waiting.TryGetValue(key, out var since) && seconds - since <= (long)options.RetryWindow.TotalSeconds)
            {
                if (seconds - since < (long)options.Delay.TotalSeconds)
                    return false;
                waiting.Remove(key);
                Know(network, seconds, options);
                return true;
            }
            Wait(key, seconds, options);
            return false;
        }
    }

    /// <summary>All that it remembers, in lines; it counts as written then.</summary>
    public byte[] Write()
    {
        var text = new StringBuilder(Header).Append('\n');
        lock (gate)
        {
            foreach (var (key, since) in waiting)
                text.Append(CultureInfo.InvariantCulture, $"w {key:x32} {since}\n");
            foreach (var (network, last) in known)
                text.Append(CultureInfo.InvariantCulture, $"k {network.High:x16} {network.Low:x16} {network.Prefix} {last}\n");
            IsChanged = false;
        }
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Takes in what was written.</summary>
    /// <exception cref="FormatException">It is something else; what was read of it counts.</exception>
    public void Read(byte[] octets)
    {
        var lines = Encoding.ASCII.GetString(octets).Split('\n');
        if (lines[0] != Header)
            throw new FormatException("it does not begin as a greylist does");
        lock (gate)
        {
            foreach (var line in lines.Skip(1).Where(static line => line.Length > 0))
                ReadLine(line);
        }
    }

    private void ReadLine(string line)
    {
        const NumberStyles Hex = NumberStyles.AllowHexSpecifier;
        var culture = CultureInfo.InvariantCulture;
        switch (line.Split(' '))
        {
            case ["w", var key, var since] when UInt128.TryParse(key, Hex, culture, out var k) && long.TryParse(since, NumberStyles.None, culture, out var s):
                if (waiting.TryAdd(k, s))
                    order.Enqueue((k, s));
                break;
            case ["k", var high, var low, var prefix, var last] when ulong.TryParse(high, Hex, culture, out var h) && ulong.TryParse(low, Hex, culture, out var l)
                && byte.TryParse(prefix, NumberStyles.None, culture, out var p) && long.TryParse(last, NumberStyles.None, culture, out var s):
                known[new AddressBlock(h, l, p)] = s;
                break;
            default:
                throw new FormatException($"\"{line[..Math.Min(line.Length, 60)]}\" is no line of a greylist");
        }
    }

    private void Wait(UInt128 key, long now, GreylistOptions options)
    {
        while (order.TryPeek(out var oldest) && (order.Count >= places || now - oldest.Since > (long)options.RetryWindow.TotalSeconds))
        {
            order.Dequeue();
            // One that came again after its time stands behind, too.
            if (waiting.TryGetValue(oldest.Key, out var since) && since == oldest.Since)
                waiting.Remove(oldest.Key);
        }
        waiting[key] = now;
        order.Enqueue((key, now));
    }

    private void Know(AddressBlock network, long now, GreylistOptions options)
    {
        if (known.Count >= places)
        {
            foreach (var (old, last) in known)
            {
                if (now - last >= (long)options.Keep.TotalSeconds)
                    known.Remove(old);
            }
        }
        // One that finds no place is put off again for its next message, no more.
        if (known.Count < places || known.ContainsKey(network))
            known[network] = now;
    }

    // Nobody gains by two attempts with one key, and nobody can make them: it is a cryptographic hash, cut short.
    private static UInt128 KeyOf(AddressBlock network, ReversePath sender, Mailbox recipient)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{network.High:x16}{network.Low:x16}/{network.Prefix}\n{sender}\n{recipient}").ToUpperInvariant();
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
