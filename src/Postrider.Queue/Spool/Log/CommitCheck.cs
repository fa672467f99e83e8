namespace Postrider.Queue.Spool.Log;

/// <summary>What a look at a commit gave.</summary>
internal enum CommitVerdict
{
    /// <summary>It can go into this batch.</summary>
    Now,

    /// <summary>It builds on what this batch changes: the next one will tell.</summary>
    Later,

    /// <summary>It names what is not there.</summary>
    Refused,
}

/// <summary>Compares a commit with the index, before it is written. Under the lock of the index.</summary>
internal static class CommitCheck
{
    public static CommitVerdict Check(
        SpoolCommit commit, SpoolIndex index, HashSet<ulong> touchedEntries, HashSet<ulong> touchedBodies, out Exception? reason)
    {
        reason = null;
        foreach (var body in commit.Bodies)
        {
            if (touchedBodies.Contains(body.Id.Value))
                return CommitVerdict.Later;
            if (index.Bodies.Find(body.Id.Value) >= 0)
                return Refuse($"Body {body.Id} has been committed already.", out reason);
        }
        foreach (var envelope in commit.Envelopes)
        {
            if (touchedEntries.Contains(envelope.Id.Value))
                return CommitVerdict.Later;
            if (index.Entries.Find(envelope.Id.Value) >= 0)
                return Refuse($"Envelope {envelope.Id} is there already.", out reason);
            if (IsAmong(commit.Bodies, envelope.Body))
                continue;
            if (touchedBodies.Contains(envelope.Body.Value))
                return CommitVerdict.Later;
            if (index.Bodies.Find(envelope.Body.Value) < 0)
                return Refuse($"Envelope {envelope.Id} refers to body {envelope.Body}, which is not there.", out reason);
        }
        foreach (var change in commit.Changes)
        {
            if (touchedEntries.Contains(change.Envelope.Value))
                return CommitVerdict.Later;
            var slot = index.Entries.Find(change.Envelope.Value);
            if (slot < 0)
                return Refuse($"Envelope {change.Envelope} is not there.", out reason);
            if (change.Version <= index.Entries[slot].Version)
                return Refuse($"Version {change.Version} of envelope {change.Envelope} is not above {index.Entries[slot].Version}.", out reason);
        }
        return CommitVerdict.Now;
    }

    /// <summary>Notes what a commit of this batch changes.</summary>
    public static void Touch(SpoolCommit commit, SpoolIndex index, HashSet<ulong> touchedEntries, HashSet<ulong> touchedBodies)
    {
        foreach (var body in commit.Bodies)
            touchedBodies.Add(body.Id.Value);
        foreach (var envelope in commit.Envelopes)
            touchedEntries.Add(envelope.Id.Value);
        foreach (var change in commit.Changes)
        {
            touchedEntries.Add(change.Envelope.Value);
            // The end of an envelope may be the end of its body: nobody may come to share it in this batch.
            if (change.State is null)
                touchedBodies.Add(index.Bodies[index.Entries[index.Entries.Find(change.Envelope.Value)].Body].Id);
        }
    }

    /// <summary>What can be said of a commit without the index: names used twice, states that are none.</summary>
    /// <exception cref="InvalidOperationException">It makes no sense.</exception>
    public static void CheckAlone(SpoolCommit commit)
    {
        var names = commit.Envelopes.Count + commit.Changes.Count > 1 ? new HashSet<SpoolId>() : null;
        foreach (var envelope in commit.Envelopes)
        {
            if (names?.Add(envelope.Id) == false)
                throw new InvalidOperationException($"Envelope {envelope.Id} occurs twice in a commit.");
            if (envelope.State.Open.IsDefaultOrEmpty)
                throw new InvalidOperationException($"Envelope {envelope.Id} has no open recipient.");
        }
        foreach (var change in commit.Changes)
        {
            if (names?.Add(change.Envelope) == false)
                throw new InvalidOperationException($"Envelope {change.Envelope} occurs twice in a commit.");
            if (change.State is not { } state)
                continue;
            if (state.Open.IsDefaultOrEmpty)
                throw new InvalidOperationException($"The state of envelope {change.Envelope} has no open recipient: its end is no state.");
            if (state.Version != change.Version)
                throw new InvalidOperationException($"Envelope {change.Envelope} is given version {change.Version}, its state {state.Version}.");
        }
        foreach (var body in commit.Bodies)
        {
            if (!commit.Envelopes.Any(envelope => envelope.Body == body.Id))
                throw new InvalidOperationException($"No envelope of the commit refers to its body {body.Id}.");
        }
    }

    private static bool IsAmong(IReadOnlyList<IBodyWriter> bodies, SpoolId body)
    {
        for (var i = 0; i < bodies.Count; i++)
        {
            if (bodies[i].Id == body)
                return true;
        }
        return false;
    }

    private static CommitVerdict Refuse(string text, out Exception? reason)
    {
        reason = new InvalidOperationException(text);
        return CommitVerdict.Refused;
    }
}
