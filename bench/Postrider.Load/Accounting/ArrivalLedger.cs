using System.Diagnostics;
using Postrider.Load.Content;

namespace Postrider.Load.Accounting;

/// <summary>A message that reached the same recipient once more.</summary>
/// <param name="Number">The message.</param>
/// <param name="Address">The recipient, by its place in the plan.</param>
/// <param name="First">When it had arrived first, as <see cref="Stopwatch.GetTimestamp"/> tells.</param>
/// <param name="Again">When it arrived again.</param>
internal readonly record struct Duplicate(int Number, int Address, long First, long Again);

/// <summary>What arrived: counted, checked, compared with what was sent. One thread writes at a time.</summary>
internal sealed class ArrivalLedger(SentLedger sent, RecipientPlan plan)
{
    private (ulong Slots, long First)[] arrived = new (ulong, long)[1 << 16];
    private long count;

    /// <summary>Deliveries so far, each recipient for itself, duplicates too.</summary>
    public long Count => Volatile.Read(ref count);

    /// <summary>Those that came more than once.</summary>
    public List<Duplicate> Duplicates { get; } = [];

    /// <summary>What was not what had been sent, with its place.</summary>
    public List<string> Corrupt { get; } = [];

    /// <summary>Deliveries of other runs, or to recipients that a message did not have.</summary>
    public int Strange { get; private set; }

    /// <summary>Notes a delivery.</summary>
    /// <param name="header">Its header block.</param>
    /// <param name="length">Octets of its body, with CR LF line ends.</param>
    /// <param name="crc">Their checksum.</param>
    /// <param name="address">Which address of the plan it was delivered to.</param>
    /// <param name="place">Where it lies, asked for only if something is wrong.</param>
    public void Note(ReadOnlySpan<byte> header, long length, uint crc, int address, Func<string> place)
    {
        Volatile.Write(ref count, count + 1);
        if (!MessageStamp.TryFind(header, out var stamp) || stamp.Run != sent.Run || stamp.Number >= sent.Begun)
        {
            Strange++;
            return;
        }
        if (stamp.Length != length || stamp.Crc != crc)
            Corrupt.Add($"{place()}: message {stamp.Number} has {length} octets with checksum {crc:x8}, was sent with {stamp.Length} and {stamp.Crc:x8}");
        var slot = plan.Slot(stamp.Number, address);
        if (slot < 0)
        {
            Strange++;
            return;
        }
        while (stamp.Number >= arrived.Length)
            Array.Resize(ref arrived, arrived.Length * 2);
        ref var entry = ref arrived[stamp.Number];
        var now = Stopwatch.GetTimestamp();
        if ((entry.Slots & (1UL << slot)) != 0)
            Duplicates.Add(new Duplicate(stamp.Number, address, entry.First, now));
        else if (entry.Slots == 0)
            entry.First = now;
        entry.Slots |= 1UL << slot;
    }

    /// <summary>The messages that were taken with 250 and have not reached each of their recipients.</summary>
    public IEnumerable<int> Missing()
    {
        for (var i = 0; i < sent.Begun; i++)
        {
            if (sent[i] == SentState.Accepted && (i >= arrived.Length || (arrived[i].Slots & plan.AllSlots) != plan.AllSlots))
                yield return i;
        }
    }
}
