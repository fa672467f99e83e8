using System.Text;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Scheduling;

/// <summary>A spool in memory that fails now and then and tells a <see cref="Ledger"/> of each commit.</summary>
internal sealed class LedgerSpool(MemorySpool spool, Ledger ledger, Func<SpoolFault> fault, Func<Task> latency) : ISpool
{
    public MemorySpool Inner => spool;

    public ValueTask OpenAsync(ISpoolListener listener, IProgress<SpoolProgress>? progress = null, CancellationToken cancellationToken = default) =>
        spool.OpenAsync(listener, progress, cancellationToken);

    public SpoolId NewId() => spool.NewId();

    public IBodyWriter CreateBody() => spool.CreateBody();

    public SpoolFault CanAccept(long size) => spool.CanAccept(size);

    public async ValueTask<SpoolFault> CommitAsync(SpoolCommit commit)
    {
        await latency();
        if (commit.Purpose == CommitPurpose.Outcome && fault() is not SpoolFault.None and var failure)
            return failure;
        var before = new List<StoredEnvelope>();
        foreach (var change in commit.Changes)
            before.Add((await spool.ReadAsync(change.Envelope))!);
        Assert.Equal(SpoolFault.None, await spool.CommitAsync(commit));
        ledger.Note(commit, before);
        foreach (var report in commit.Envelopes.Where(envelope => envelope.Envelope.ReversePath.IsNull && commit.Bodies.Any(body => body.Id == envelope.Body)))
            Reports.Add(await TextAsync(report.Id));
        return SpoolFault.None;
    }

    /// <summary>The texts of all bodies stored for the null sender.</summary>
    public List<string> Reports { get; init; } = [];

    public ValueTask NoteAttemptAsync(SpoolId envelope) => spool.NoteAttemptAsync(envelope);

    public ValueTask<StoredEnvelope?> ReadAsync(SpoolId envelope) => spool.ReadAsync(envelope);

    public ValueTask<IBodyReader?> OpenBodyAsync(SpoolId envelope) => spool.OpenBodyAsync(envelope);

    public ValueTask DisposeAsync() => spool.DisposeAsync();

    private async Task<string> TextAsync(SpoolId id)
    {
        await using var body = await spool.OpenBodyAsync(id);
        var octets = new byte[body!.Length];
        await body.ReadAsync(0, octets);
        return Encoding.UTF8.GetString(octets);
    }
}
