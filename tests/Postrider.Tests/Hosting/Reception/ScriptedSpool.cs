using Postrider.Queue.Spool;

namespace Postrider.Tests.Hosting.Reception;

/// <summary>A spool in memory that fails where it is told to, and counts the bodies that nobody has ended.</summary>
internal sealed class ScriptedSpool : ISpool
{
    private readonly MemorySpool inner = new();

    public SpoolFault AcceptFault { get; set; }

    public SpoolFault WriteFault { get; init; }

    public SpoolFault CommitFault { get; init; }

    public int OpenBodies { get; private set; }

    public List<long> SizesAsked { get; } = [];

    public ValueTask OpenAsync(ISpoolListener listener, IProgress<SpoolProgress>? progress = null, CancellationToken cancellationToken = default) =>
        inner.OpenAsync(listener, progress, cancellationToken);

    public SpoolId NewId() => inner.NewId();

    public IBodyWriter CreateBody()
    {
        OpenBodies++;
        return new Body(this, inner.CreateBody());
    }

    public SpoolFault CanAccept(long size)
    {
        SizesAsked.Add(size);
        return AcceptFault;
    }

    public ValueTask<SpoolFault> CommitAsync(SpoolCommit commit) => new(CommitFault);

    public ValueTask NoteAttemptAsync(SpoolId envelope) => inner.NoteAttemptAsync(envelope);

    public ValueTask<StoredEnvelope?> ReadAsync(SpoolId envelope) => inner.ReadAsync(envelope);

    public ValueTask<IBodyReader?> OpenBodyAsync(SpoolId envelope) => inner.OpenBodyAsync(envelope);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Body(ScriptedSpool owner, IBodyWriter inner) : IBodyWriter
    {
        private bool isEnded;

        public SpoolId Id => inner.Id;

        public long Length => inner.Length;

        public async ValueTask<SpoolFault> WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken = default) =>
            owner.WriteFault != SpoolFault.None ? owner.WriteFault : await inner.WriteAsync(octets, cancellationToken);

        public ValueTask DisposeAsync()
        {
            if (!isEnded)
                owner.OpenBodies--;
            isEnded = true;
            return inner.DisposeAsync();
        }
    }
}
