using System.Threading.Tasks.Sources;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// A commit, or the note of an attempt, that waits for its batch. Its records are encoded by who
/// commits, not by the committer. Nodes rest in a pool; awaiting one gives it back.
/// </summary>
internal sealed class CommitNode : IValueTaskSource<SpoolFault>
{
    private const int MostAtRest = 1024;
    private static readonly Stack<CommitNode> AtRest = [];

    private ManualResetValueTaskSourceCore<SpoolFault> result = new() { RunContinuationsAsynchronously = true };

    private CommitNode()
    {
    }

    public RecordWriter Records { get; } = new();

    /// <summary>The commit, or null for a note.</summary>
    public SpoolCommit? Commit { get; private set; }

    /// <summary>Octets of its bodies in the batch.</summary>
    public long BodiesLength { get; private set; }

    /// <summary>The envelope of which an attempt is noted.</summary>
    public SpoolId Noted { get; private set; }

    public static CommitNode ForNote(SpoolId envelope)
    {
        var node = Rent();
        node.Noted = envelope;
        return node;
    }

    /// <summary>Encodes a commit whose bodies are sealed.</summary>
    public static CommitNode For(SpoolCommit commit, SpoolKey key)
    {
        var node = Rent();
        node.Commit = commit;
        var index = 0;
        var left = commit.Bodies.Count + commit.Envelopes.Count + commit.Changes.Count;
        var writer = node.Records;
        foreach (var written in commit.Bodies)
        {
            var body = (LogBodyWriter)written;
            body.Hold();
            node.BodiesLength += body.LogLength;
            writer.Begin(RecordKind.Body, index++);
            writer.UInt64(body.Id.Value);
            writer.Byte(body.IsSpilled ? (byte)1 : (byte)0);
            writer.UInt64((ulong)body.Length);
            writer.UInt32(body.Checksum);
            writer.End(key, --left == 0);
        }
        foreach (var envelope in commit.Envelopes)
        {
            writer.Begin(RecordKind.Envelope, index++);
            EntryRecord.WriteEnvelope(writer, envelope, envelope.State, 0);
            writer.End(key, --left == 0);
        }
        foreach (var change in commit.Changes)
        {
            if (change.State is { } state)
            {
                writer.Begin(RecordKind.State, index++);
                EntryRecord.WriteState(writer, change.Envelope, state, 0);
            }
            else
            {
                writer.Begin(RecordKind.Finish, index++);
                writer.UInt64(change.Envelope.Value);
                writer.UInt32(change.Version);
            }
            writer.End(key, --left == 0);
        }
        return node;
    }

    public ValueTask<SpoolFault> AsValueTask() => new(this, result.Version);

    public void Complete(SpoolFault fault)
    {
        ReleaseBodies(isCommitted: fault == SpoolFault.None);
        result.SetResult(fault);
    }

    public void Refuse(Exception reason)
    {
        ReleaseBodies(isCommitted: false);
        result.SetException(reason);
    }

    SpoolFault IValueTaskSource<SpoolFault>.GetResult(short token)
    {
        try
        {
            return result.GetResult(token);
        }
        finally
        {
            Rest();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<SpoolFault>.GetStatus(short token) => result.GetStatus(token);

    void IValueTaskSource<SpoolFault>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        result.OnCompleted(continuation, state, token, flags);

    private void ReleaseBodies(bool isCommitted)
    {
        if (Commit is null)
            return;
        for (var i = 0; i < Commit.Bodies.Count; i++)
            ((LogBodyWriter)Commit.Bodies[i]).Release(isCommitted);
    }

    private static CommitNode Rent()
    {
        lock (AtRest)
        {
            if (AtRest.TryPop(out var node))
                return node;
        }
        return new CommitNode();
    }

    private void Rest()
    {
        result.Reset();
        Records.Trim();
        Commit = null;
        BodiesLength = 0;
        Noted = default;
        lock (AtRest)
        {
            if (AtRest.Count < MostAtRest)
            {
                AtRest.Push(this);
                return;
            }
        }
        Records.Dispose();
    }
}
