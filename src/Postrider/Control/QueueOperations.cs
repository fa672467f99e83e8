using System.Globalization;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;

namespace Postrider.Control;

/// <summary>The queue of this process as commands use it: behind the control socket, or in a command that opened the spool itself.</summary>
/// <param name="queue">The queue, started.</param>
/// <param name="reopen">Tries a next hop again that is being left alone; null where no delivery is at work, so that what is to be tried now must be so after the next start.</param>
/// <param name="time">The clock.</param>
internal sealed class QueueOperations(MailQueue queue, Action<string>? reopen, TimeProvider time) : IQueueControl
{
    private const int PageLength = 500;

    // Changes that wait together share a batch of the log, and its sync.
    private const int AtOnce = 100;

    private readonly bool isServing = reopen is not null;

    public async Task<QueueListing> ListAsync(string? nextHop, int limit)
    {
        var found = new List<QueuedEnvelope>();
        var filter = new QueueFilter { NextHop = nextHop };
        for (long? from = 0; from is { } start && found.Count < limit;)
        {
            var page = await queue.ListAsync(filter, Math.Min(limit - found.Count, PageLength), start);
            found.AddRange(page.Entries.Select(View));
            from = page.Next;
        }
        found.Sort(static (a, b) => a.Arrived.CompareTo(b.Arrived));
        var total = nextHop is null
            ? queue.Counts.Entries
            : queue.CountByNextHop().Where(hop => hop.NextHop == nextHop).Sum(static hop => hop.Entries);
        return new QueueListing(found, total);
    }

    public async Task<IReadOnlyList<QueuedEnvelope>> FindAsync(string id)
    {
        var found = new List<QueuedEnvelope>();
        await foreach (var entry in EntriesOfAsync(id))
            found.Add(View(entry));
        return found;
    }

    public async Task<QueueChangeResult> ChangeAsync(QueueChange change)
    {
        var isWhole = change.Selection.All || change.Selection.NextHop is not null;
        if (isWhole && change.Action == QueueAction.Retry && isServing)
            return new QueueChangeResult(await RetryAllAsync(change.Selection.NextHop), []);
        var unknown = new List<string>();
        var chosen = new Dictionary<SpoolId, string>();
        if (isWhole)
        {
            await foreach (var entry in EntriesAsync(new QueueFilter { NextHop = change.Selection.NextHop }))
            {
                // What its sender wants to be kept is released by name alone.
                if (change.Action == QueueAction.Release && entry.Envelope is { State.HoldReason: null } kept && kept.IsKept(time.GetUtcNow()))
                    continue;
                chosen[entry.Position.Id] = entry.Position.NextHop;
            }
        }
        foreach (var id in change.Selection.Ids)
        {
            var isKnown = false;
            await foreach (var entry in EntriesOfAsync(id))
            {
                isKnown = true;
                chosen[entry.Position.Id] = entry.Position.NextHop;
            }
            if (!isKnown)
                unknown.Add(id);
        }
        var changed = 0;
        foreach (var some in chosen.Chunk(AtOnce))
        {
            var results = await Task.WhenAll(some.Select(entry => ApplyAsync(change, entry.Key, entry.Value)));
            changed += results.Count(static result => result is CommandResult.Done or CommandResult.AfterAttempt);
        }
        return new QueueChangeResult(changed, unknown);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<int> RetryAllAsync(string? nextHop)
    {
        foreach (var hop in queue.CountByNextHop())
        {
            if (nextHop is null || hop.NextHop == nextHop)
                reopen!(hop.NextHop);
        }
        return await queue.RetryAllAsync(nextHop);
    }

    private async Task<CommandResult> ApplyAsync(QueueChange change, SpoolId id, string nextHop)
    {
        switch (change.Action)
        {
            case QueueAction.Hold:
                return await queue.HoldAsync(id, change.Reason ?? "Held by an operator");
            case QueueAction.Release:
                return await queue.ReleaseAsync(id);
            case QueueAction.Delete:
                return await queue.DeleteAsync(id);
            case QueueAction.Retry when isServing:
                reopen!(nextHop);
                return await queue.RetryAsync(id);
            default:
                // Nobody tries it now: a hold and its release make it due on disk, for the next start.
                if (await queue.ShowAsync(id) is { Envelope: { } envelope } && (envelope.State.HoldReason is not null || envelope.IsKept(time.GetUtcNow())))
                    return CommandResult.IsHeld;
                var held = await queue.HoldAsync(id, "To be tried at the next start");
                return held == CommandResult.Done ? await queue.ReleaseAsync(id) : held;
        }
    }

    private async IAsyncEnumerable<QueuedEntry> EntriesOfAsync(string text)
    {
        if (!SpoolId.TryParse(text, out var id))
            yield break;
        var direct = await queue.ShowAsync(id);
        if (direct is not null)
            yield return direct;
        // A name is used once: that of a message is that of its first envelope.
        if (direct?.Envelope is { } first && first.Message != id)
            yield break;
        // Where the first has gone, each envelope that is no older than the message is read: half a minute for a million.
        DateTimeOffset? since = direct?.Envelope is { Envelope.Release: null } ? direct.Position.Since : null;
        await foreach (var entry in EntriesAsync(new QueueFilter { Message = id, Since = since }))
        {
            if (entry.Envelope is { } envelope && envelope.Id != id)
                yield return entry;
        }
    }

    private async IAsyncEnumerable<QueuedEntry> EntriesAsync(QueueFilter filter)
    {
        for (long? from = 0; from is { } start;)
        {
            var page = await queue.ListAsync(filter, PageLength, start);
            foreach (var entry in page.Entries)
                yield return entry;
            from = page.Next;
        }
    }

    private QueuedEnvelope View(QueuedEntry entry)
    {
        var (position, envelope) = (entry.Position, entry.Envelope);
        if (envelope is null)
            return new QueuedEnvelope(position.Id.ToString(), "", "damaged", position.NextHop, "", [], 0, position.Since, position.Due, 0, null);
        return new QueuedEnvelope(
            envelope.Id.ToString(),
            envelope.Message.ToString(),
            StateOf(position, envelope),
            envelope.NextHop,
            envelope.Envelope.ReversePath.ToString(),
            [.. envelope.State.Open.Select(open => Recipient(envelope.Envelope, open))],
            envelope.BodyLength + envelope.Edits.LengthChange,
            envelope.Arrived,
            isServing ? position.Due : envelope.State.Due,
            envelope.State.Attempts,
            envelope.State.HoldReason ?? KeptUntil(envelope) ?? (isServing ? position.NotTriedReason : null))
        {
            DeliverBy = envelope.Envelope.DeliverBy?.Deadline,
            Priority = envelope.Envelope.Priority,
        };
    }

    private string? KeptUntil(StoredEnvelope envelope) => envelope.IsKept(time.GetUtcNow())
        ? $"Until {FutureReleaseExtension.Format(envelope.Envelope.Release!.At!.Value)}, as the sender wants it"
        : null;

    private string StateOf(EntryPosition position, StoredEnvelope envelope)
    {
        if (envelope.IsKept(time.GetUtcNow()))
            return "held";
        if (isServing)
            return position.State switch { QueuedState.Ready => "due", QueuedState.Active => "trying", QueuedState.Held => "held", _ => "waiting" };
        return envelope.State.HoldReason is not null ? "held" : envelope.State.Due <= time.GetUtcNow() ? "due" : "waiting";
    }

    private static QueuedRecipient Recipient(Envelope envelope, OpenRecipient open) => new(
        envelope.Recipients[open.Index].Mailbox.ToString(),
        open.Last is { } last ? Said(last) : null);

    private static string Said(DeliveryStatus last)
    {
        var said = last.ReplyCode == 0 ? $"{last.Enhanced} {last.Text}" : string.Create(CultureInfo.InvariantCulture, $"{last.ReplyCode} {last.Enhanced} {last.Text}");
        return last.Protection is null ? said : $"{said} ({last.Protection})";
    }
}
