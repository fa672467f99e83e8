using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Scheduling;

/// <summary>
/// Looks over the shoulder of a spool and keeps the books of every recipient at <c>there</c>: in which
/// entry it is open, and what ended it. Outlives the crashes of the spool.
/// </summary>
internal sealed class Ledger
{
    private readonly Dictionary<SpoolId, List<string>> closedWith = [];

    /// <summary>Where each open recipient is.</summary>
    public Dictionary<string, SpoolId> Open { get; } = new(StringComparer.Ordinal);

    /// <summary>Recipients that are open no more, in order.</summary>
    public List<string> Closed { get; } = [];

    /// <summary>What ended each recipient, told by events.</summary>
    public Dictionary<string, List<string>> Ends { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Accepted { get; } = new(StringComparer.Ordinal);

    public void Note(SpoolCommit commit, IReadOnlyList<StoredEnvelope> before)
    {
        var gone = new Dictionary<string, SpoolId>(StringComparer.Ordinal);
        foreach (var envelope in before)
        {
            foreach (var address in Addresses(envelope.Envelope.Recipients, envelope.State))
            {
                Assert.True(Open.Remove(address));
                gone.Add(address, envelope.Id);
            }
        }
        foreach (var change in commit.Changes.Where(change => change.State is not null))
        {
            var envelope = before.Single(e => e.Id == change.Envelope);
            foreach (var address in Addresses(envelope.Envelope.Recipients, change.State!))
                Add(address, envelope.Id, gone);
        }
        foreach (var envelope in commit.Envelopes)
        {
            foreach (var address in Addresses(envelope.Envelope.Recipients, envelope.State))
            {
                // Who is expanded is answered for by those who take the place, from the same commit on.
                if (commit.Purpose == CommitPurpose.Acceptance || !Accepted.Contains(address))
                {
                    Assert.True(commit.Purpose == CommitPurpose.Acceptance || before.Count > 0);
                    Assert.True(Accepted.Add(address));
                }
                Add(address, envelope.Id, gone);
            }
        }
        foreach (var (address, id) in gone)
        {
            Closed.Add(address);
            if (!closedWith.TryGetValue(id, out var closed))
                closedWith.Add(id, closed = []);
            closed.Add(address);
        }
    }

    public void Note(QueueEvent happened)
    {
        switch (happened)
        {
            case AttemptEnded { Status.Result: not DeliveryResult.Deferred } e when e.Recipient.Mailbox.Domain == "there":
                End(e.Recipient.Mailbox.ToString(), e.Status.Result.ToString());
                break;
            case EntryDeleted e:
                // What failed or was delivered before is explained already.
                foreach (var address in closedWith.GetValueOrDefault(e.Id, []).Where(address => !Ends.ContainsKey(address)))
                    End(address, "deleted");
                break;
        }
    }

    private static IEnumerable<string> Addresses(IReadOnlyList<Postrider.Smtp.Envelopes.EnvelopeRecipient> recipients, EntryState state) =>
        state.Open.Select(open => recipients[open.Index].Mailbox).Where(mailbox => mailbox.Domain == "there").Select(mailbox => mailbox.ToString());

    private void Add(string address, SpoolId id, Dictionary<string, SpoolId> gone)
    {
        gone.Remove(address);
        Assert.True(Open.TryAdd(address, id), $"{address} is open in two entries");
        Assert.False(Closed.Exists(closed => closed == address), $"{address} has come back");
    }

    private void End(string address, string how)
    {
        if (!Ends.TryGetValue(address, out var ends))
            Ends.Add(address, ends = []);
        ends.Add(how);
    }
}
