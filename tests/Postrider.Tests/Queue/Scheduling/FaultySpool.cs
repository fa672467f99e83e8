using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Scheduling;

/// <summary>A spool whose disk fails when the test says so, and which counts.</summary>
internal sealed class FaultySpool(ISpool spool) : ISpool
{
    /// <summary>What each commit of outcomes comes to.</summary>
    public SpoolFault Fault { get; set; }

    /// <summary>What writing a body comes to.</summary>
    public SpoolFault BodyFault { get; set; }

    /// <summary>What a commit waits for, or null.</summary>
    public Func<Task>? OnCommit { get; set; }

    public SpoolId DamagedEnvelope { get; set; }

    public SpoolId DamagedBody { get; set; }

    public List<SpoolCommit> Commits { get; } = [];

    public ValueTask OpenAsync(ISpoolListener listener, IProgress<SpoolProgress>? progress = null, CancellationToken cancellationToken = default) =>
        spool.OpenAsync(listener, progress, cancellationToken);

    public SpoolId NewId() => spool.NewId();

    public IBodyWriter CreateBody() => new Writer(this, spool.CreateBody());

    public SpoolFault CanAccept(long size) => spool.CanAccept(size);

    public async ValueTask<SpoolFault> CommitAsync(SpoolCommit commit)
    {
        if (OnCommit is not null && commit.Purpose == CommitPurpose.Outcome)
            await OnCommit();
        if (Fault != SpoolFault.None && commit.Purpose == CommitPurpose.Outcome)
            return Fault;
        var fault = await spool.CommitAsync(new SpoolCommit
        {
            Purpose = commit.Purpose,
            Changes = commit.Changes,
            Bodies = [.. commit.Bodies.Select(body => ((Writer)body).Inner)],
            Envelopes = commit.Envelopes,
        });
        if (commit.Purpose == CommitPurpose.Outcome)
            Commits.Add(commit);
        return fault;
    }

    public ValueTask NoteAttemptAsync(SpoolId envelope) => spool.NoteAttemptAsync(envelope);

    public ValueTask<StoredEnvelope?> ReadAsync(SpoolId envelope) =>
        envelope == DamagedEnvelope ? throw new SpoolDamageException("envelope") : spool.ReadAsync(envelope);

    public ValueTask<IBodyReader?> OpenBodyAsync(SpoolId envelope) =>
        envelope == DamagedBody ? throw new SpoolDamageException("body") : spool.OpenBodyAsync(envelope);

    public ValueTask DisposeAsync() => spool.DisposeAsync();

    private sealed class Writer(FaultySpool owner, IBodyWriter inner) : IBodyWriter
    {
        public IBodyWriter Inner => inner;

        public SpoolId Id => inner.Id;

        public long Length => inner.Length;

        public ValueTask<SpoolFault> WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default) =>
            owner.BodyFault != SpoolFault.None ? new(owner.BodyFault) : inner.WriteAsync(octets, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
