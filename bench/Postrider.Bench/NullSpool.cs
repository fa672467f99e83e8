using Postrider.Queue.Spool;

namespace Postrider.Bench;

/// <summary>A spool that drops everything at once: what is left is the cost of the program around it.</summary>
internal sealed class NullSpool : ISpool
{
    private ulong lastId;

    public ValueTask OpenAsync(ISpoolListener listener, IProgress<SpoolProgress>? progress = null, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    public SpoolId NewId() => new(Interlocked.Increment(ref lastId));

    public IBodyWriter CreateBody() => new Body(NewId());

    public SpoolFault CanAccept(long size) => SpoolFault.None;

    public async ValueTask<SpoolFault> CommitAsync(SpoolCommit commit)
    {
        foreach (var body in commit.Bodies)
            await body.DisposeAsync();
        return SpoolFault.None;
    }

    public ValueTask NoteAttemptAsync(SpoolId envelope) => ValueTask.CompletedTask;

    public ValueTask<StoredEnvelope?> ReadAsync(SpoolId envelope) => ValueTask.FromResult<StoredEnvelope?>(null);

    public ValueTask<IBodyReader?> OpenBodyAsync(SpoolId envelope) => ValueTask.FromResult<IBodyReader?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Body(SpoolId id) : IBodyWriter
    {
        public SpoolId Id => id;

        public long Length { get; private set; }

        public ValueTask<SpoolFault> WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default)
        {
            Length += octets.Length;
            return ValueTask.FromResult(SpoolFault.None);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
