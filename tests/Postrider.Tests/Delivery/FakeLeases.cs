using System.Collections.Immutable;
using Postrider.Mime.Headers;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;

namespace Postrider.Tests.Delivery;

/// <summary>A queue of leases that remembers how each of them ended, and complains of a second end.</summary>
internal sealed class FakeLeases : ILeases
{
    private readonly Dictionary<SpoolId, (StoredEnvelope Envelope, byte[] Body)> entries = [];
    private ulong lastId;

    public Dictionary<SpoolId, IReadOnlyList<RecipientOutcome>> Completed { get; } = [];

    public Dictionary<SpoolId, (DateTimeOffset Until, string Reason)> HandedBack { get; } = [];

    public Dictionary<SpoolId, IReadOnlyList<string>> Rerouted { get; } = [];

    public Func<DueEntry, ValueTask>? OnBegin { get; init; }

    public Action<DueEntry>? OnEnd { get; set; }

    private readonly List<(int Count, TaskCompletionSource Done)> waiting = [];

    public int Ended => Completed.Count + HandedBack.Count + Rerouted.Count + Awaiting.Count;

    public DueEntry Add(string nextHop, string[] recipients, byte[]? body = null, DateTimeOffset arrived = default, ulong message = 0, string sender = "sender@example.com", TlsWish tls = TlsWish.Unspecified, BodyType type = BodyType.SevenBit, bool smtpUtf8 = false, Func<Envelope, Envelope>? wishes = null)
    {
        var id = new SpoolId(++lastId);
        var at = sender.LastIndexOf('@');
        body ??= "Subject: test\r\n\r\ntext\r\n"u8.ToArray();
        var envelope = new StoredEnvelope
        {
            Id = id,
            Message = new SpoolId(message == 0 ? lastId : message),
            Body = id,
            BodyLength = body.Length,
            Envelope = new Envelope
            {
                ReversePath = sender.Length == 0 ? ReversePath.Null : new ReversePath(new Mailbox(sender[..at], sender[(at + 1)..])),
                Recipients = [.. recipients.Select(text => new EnvelopeRecipient(Mailbox(text)))],
                Tls = tls,
                Body = type,
                SmtpUtf8 = smtpUtf8,
            },
            Edits = HeaderEdits.None,
            NextHop = nextHop,
            Arrived = arrived,
            State = new EntryState
            {
                Version = 1,
                Attempts = 0,
                Due = default,
                Open = [.. Enumerable.Range(0, recipients.Length).Select(index => new OpenRecipient(index, null))],
            },
        };
        envelope = envelope with { Envelope = wishes?.Invoke(envelope.Envelope) ?? envelope.Envelope };
        entries.Add(id, (envelope, body));
        return new DueEntry(id, nextHop, body.Length);
    }

    public StoredEnvelope Envelope(DueEntry entry) => entries[entry.Id].Envelope;

    /// <summary>Takes the ends of a lease back, so that the entry may be offered again.</summary>
    public void Forget(DueEntry entry)
    {
        Completed.Remove(entry.Id);
        HandedBack.Remove(entry.Id);
        Awaiting.Remove(entry.Id);
    }

    public void Remove(DueEntry entry) => entries.Remove(entry.Id);

    public async ValueTask<StoredEnvelope?> BeginAsync(DueEntry entry)
    {
        if (OnBegin is not null)
            await OnBegin(entry);
        return entries.TryGetValue(entry.Id, out var found) ? found.Envelope : null;
    }

    public ValueTask<IBodyReader?> OpenBodyAsync(DueEntry entry) =>
        ValueTask.FromResult<IBodyReader?>(entries.TryGetValue(entry.Id, out var found) ? new Body(found.Body) : null);

    public Dictionary<SpoolId, IReadOnlyList<Expansion>> Expanded { get; } = [];

    public ValueTask CompleteAsync(DueEntry entry, IReadOnlyList<RecipientOutcome> outcomes, IReadOnlyList<Expansion>? expansions = null)
    {
        End(entry);
        if (expansions is { Count: > 0 })
            Expanded.Add(entry.Id, [.. expansions]);
        Completed.Add(entry.Id, [.. outcomes]);
        Tell(entry);
        return ValueTask.CompletedTask;
    }

    public void NotTried(DueEntry entry, DateTimeOffset until, string reason)
    {
        End(entry);
        HandedBack.Add(entry.Id, (until, reason));
        Tell(entry);
    }

    public Dictionary<SpoolId, DeliveryStatus> Awaiting { get; } = [];

    public HashSet<SpoolId> AskedForMeanwhile { get; } = [];

    public Action<DueEntry>? OnAwait { get; set; }

    public ValueTask AwaitFetchAsync(DueEntry entry, DeliveryStatus status, Func<bool>? isAskedFor = null)
    {
        End(entry);
        OnAwait?.Invoke(entry);
        if (isAskedFor?.Invoke() == true)
            AskedForMeanwhile.Add(entry.Id);
        Awaiting.Add(entry.Id, status);
        Tell(entry);
        return ValueTask.CompletedTask;
    }

    public ValueTask RerouteAsync(DueEntry entry, IReadOnlyList<string> nextHops)
    {
        End(entry);
        Rerouted.Add(entry.Id, nextHops);
        Tell(entry);
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits until so many leases have ended.</summary>
    public Task EndedAsync(int count)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (waiting)
            waiting.Add((count, done));
        Tell(null);
        return done.Task;
    }

    private void Tell(DueEntry? entry)
    {
        if (entry is { } ended)
            OnEnd?.Invoke(ended);
        lock (waiting)
        {
            foreach (var (_, done) in waiting.Where(one => Ended >= one.Count))
                done.TrySetResult();
        }
    }

    private static Mailbox Mailbox(string text)
    {
        var at = text.LastIndexOf('@');
        return at < 0 ? new Mailbox(text, "") : new Mailbox(text[..at], text[(at + 1)..]);
    }

    private void End(DueEntry entry)
    {
        if (Completed.ContainsKey(entry.Id) || HandedBack.ContainsKey(entry.Id) || Rerouted.ContainsKey(entry.Id) || Awaiting.ContainsKey(entry.Id))
            throw new InvalidOperationException($"The lease of {entry.Id} ended twice.");
    }

    private sealed class Body(byte[] octets) : IBodyReader
    {
        public long Length => octets.Length;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(buffer.Length, octets.Length - offset);
            octets.AsMemory((int)offset, count).CopyTo(buffer);
            return ValueTask.FromResult(count);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
