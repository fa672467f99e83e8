using Postrider.Delivery.People;
using Postrider.Queue.Disk;

namespace Postrider.Delivery.Local;

/// <summary>
/// How much the mailboxes with a quota hold. Each is counted when it is first asked about and kept count of from then on.
/// What its reader deletes is noticed when it seems to be full: then it is counted again, now and then. Any thread.
/// </summary>
/// <param name="disk">Where the mailboxes are.</param>
/// <param name="time">The clock.</param>
public sealed class MailboxSizes(IDisk disk, TimeProvider time)
{
    private const int MostKept = 100_000;

    // A full mailbox is counted again no sooner, and never for more than a twentieth of the time.
    private static readonly TimeSpan shortestWait = TimeSpan.FromSeconds(10);
    private const int Patience = 20;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Task<Kept>> mailboxes = new(StringComparer.Ordinal);

    /// <summary>Whether a message would fit.</summary>
    /// <param name="folder">The mailbox's folder, a full path.</param>
    /// <param name="quota">How much it may hold.</param>
    /// <param name="octets">Octets of the message, or 0 where that is not known.</param>
    public async ValueTask<bool> HasRoomAsync(string folder, MailboxQuota quota, long octets)
    {
        if (!quota.IsLimited)
            return true;
        var kept = await FindAsync(folder);
        lock (gate)
        {
            if (kept.Holds(quota, octets))
                return true;
            if (time.GetUtcNow() < kept.CountAgain)
                return false;
        }
        await CountAsync(folder, kept);
        lock (gate)
            return kept.Holds(quota, octets);
    }

    /// <summary>Takes room for a message that is about to be written, if there is any; <see cref="SettleAsync"/> ends that.</summary>
    internal async ValueTask<bool> TryReserveAsync(string folder, MailboxQuota quota, long octets)
    {
        if (!await HasRoomAsync(folder, quota, octets))
            return false;
        var kept = await FindAsync(folder);
        lock (gate)
        {
            // Others may have come in between.
            if (!kept.Holds(quota, octets))
                return false;
            kept.Octets += octets;
            kept.Messages++;
            return true;
        }
    }

    /// <summary>Says what became of a message that room was taken for.</summary>
    /// <param name="folder">The mailbox's folder.</param>
    /// <param name="reserved">What was taken.</param>
    /// <param name="written">Octets of its file, or null where there is none.</param>
    internal async ValueTask SettleAsync(string folder, long reserved, long? written)
    {
        var kept = await FindAsync(folder);
        lock (gate)
        {
            kept.Octets = Math.Max(0, kept.Octets - reserved + (written ?? 0));
            kept.Messages = Math.Max(0, kept.Messages - (written is null ? 1 : 0));
        }
    }

    private async ValueTask<Kept> FindAsync(string folder)
    {
        Task<Kept> found;
        lock (gate)
        {
            if (!mailboxes.TryGetValue(folder, out found!))
            {
                if (mailboxes.Count >= MostKept)
                    mailboxes.Clear();
                mailboxes.Add(folder, found = MakeAsync(folder));
            }
        }
        return await found;
    }

    private async Task<Kept> MakeAsync(string folder)
    {
        var kept = new Kept();
        await CountAsync(folder, kept);
        return kept;
    }

    private async ValueTask CountAsync(string folder, Kept kept)
    {
        var start = time.GetTimestamp();
        var (octets, messages) = await disk.RunAsync(() => Count(folder));
        var took = time.GetElapsedTime(start);
        lock (gate)
        {
            (kept.Octets, kept.Messages) = (octets, messages);
            kept.CountAgain = time.GetUtcNow() + (took * Patience > shortestWait ? took * Patience : shortestWait);
        }
    }

    private (long Octets, int Messages) Count(string folder)
    {
        var total = CountFolder(folder);
        // Maildir++: a reader's further folders stand beside, with a dot in front.
        foreach (var name in Names(folder))
        {
            if (name is ['.', not '.', ..] && CountFolder(Path.Join(folder, name)) is var more)
                total = (total.Octets + more.Octets, total.Messages + more.Messages);
        }
        return total;
    }

    private (long Octets, int Messages) CountFolder(string folder)
    {
        var (octets, messages) = (0L, 0);
        foreach (var part in (ReadOnlySpan<string>)["new", "cur"])
        {
            foreach (var name in Names(Path.Join(folder, part)))
            {
                if (disk.Open(Path.Join(folder, part, name), FileUse.Read, out var file).IsError)
                    continue;
                using (file)
                    octets += file!.Length(out var length).IsError ? 0 : length;
                messages++;
            }
        }
        return (octets, messages);
    }

    private IReadOnlyList<string> Names(string folder)
    {
        _ = disk.List(folder, out var names);
        return names;
    }

    private sealed class Kept
    {
        public long Octets { get; set; }

        public int Messages { get; set; }

        public DateTimeOffset CountAgain { get; set; }

        public bool Holds(MailboxQuota quota, long octets) => quota.Holds(Octets + octets, Messages + 1);
    }
}
