using System.Diagnostics.CodeAnalysis;
using Postrider.Queue.Scheduling;

namespace Postrider.Delivery.Sites;

/// <summary>
/// The entries that wait for an attempt at a site: the urgent before the others (RFC 6710), but each fourth time that
/// which came first, so that no priority waits for ever. Without priorities it is a queue.
/// </summary>
internal sealed class ReadyEntries
{
    private readonly Queue<DueEntry> ordinary = new();

    // By priority from -9 to 9; made for the first entry that has one. Its numbers say what came first.
    private Queue<(long Number, DueEntry Entry)>?[]? levels;
    private long lastNumber;
    private int turn;

    public int Count { get; private set; }

    public void Enqueue(DueEntry entry)
    {
        Count++;
        if (levels is null && entry.Priority == 0)
        {
            ordinary.Enqueue(entry);
            return;
        }
        if (levels is null)
        {
            levels = new Queue<(long, DueEntry)>?[DueEntry.Priorities];
            while (ordinary.TryDequeue(out var before))
                Put(before);
        }
        Put(entry);
    }

    public bool TryDequeue([MaybeNullWhen(false)] out DueEntry entry)
    {
        if (Count == 0)
        {
            entry = default;
            return false;
        }
        Count--;
        if (levels is null)
            return ordinary.TryDequeue(out entry);
        Queue<(long Number, DueEntry Entry)>? best = null;
        var isTurnOfFirst = ++turn % DueEntry.UrgentInARow == 0;
        for (var level = levels.Length - 1; level >= 0; level--)
        {
            if (levels[level] is not { Count: > 0 } queue)
                continue;
            if (best is null || queue.Peek().Number < best.Peek().Number)
                best = queue;
            if (!isTurnOfFirst)
                break;
        }
        entry = best!.Dequeue().Entry;
        if (Count == 0)
            levels = null;
        return true;
    }

    /// <summary>Takes away all, in no order.</summary>
    public DueEntry[] Drain()
    {
        var all = new DueEntry[Count];
        for (var i = 0; i < all.Length; i++)
            TryDequeue(out all[i]);
        return all;
    }

    private void Put(DueEntry entry) => (levels![entry.Priority - DueEntry.LeastPriority] ??= new()).Enqueue((++lastNumber, entry));
}
