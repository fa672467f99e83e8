using Postrider.Hosting;
using Postrider.Queue.Disk;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;

namespace Postrider.Control;

/// <summary>
/// The queue of a data folder that no server runs in: takes its lock, so that none can start
/// meanwhile, and opens the spool. Nothing is delivered.
/// </summary>
internal sealed class StoppedQueue : IQueueControl
{
    private static readonly TimeSpan timeForOutcomes = TimeSpan.FromSeconds(30);

    private readonly DataFolder folder;
    private readonly ISpool spool;
    private readonly MailQueue queue;
    private readonly QueueOperations operations;

    private StoppedQueue(DataFolder folder, ISpool spool, MailQueue queue)
    {
        this.folder = folder;
        this.spool = spool;
        this.queue = queue;
        operations = new QueueOperations(queue, reopen: null, TimeProvider.System);
    }

    /// <summary>Takes the lock and opens the spool.</summary>
    /// <param name="dataFolder">The data folder, which exists.</param>
    /// <param name="progress">Is told how far a long recovery has come.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Queue.Disk.DataFolderInUseException">Another process has the folder.</exception>
    /// <exception cref="IOException">The spool cannot be opened.</exception>
    public static async Task<StoppedQueue> OpenAsync(string dataFolder, IProgress<SpoolProgress> progress, CancellationToken cancellationToken)
    {
        var owned = new DataFolder(dataFolder, "postrider queue");
        var made = owned.MakeSpool(new UnixDisk(), TimeProvider.System);
        var idle = new MailQueue(made, new MailQueueOptions { HostName = "localhost" }, static _ => null, TimeProvider.System);
        var stopped = new StoppedQueue(owned, made, idle);
        try
        {
            await idle.StartAsync(new NoDelivery(idle.Leases), progress, cancellationToken);
            return stopped;
        }
        catch
        {
            await stopped.DisposeAsync();
            throw;
        }
    }

    public Task<QueueListing> ListAsync(string? nextHop, int limit) => operations.ListAsync(nextHop, limit);

    public Task<IReadOnlyList<QueuedEnvelope>> FindAsync(string id) => operations.FindAsync(id);

    public Task<QueueChangeResult> ChangeAsync(QueueChange change) => operations.ChangeAsync(change);

    public async ValueTask DisposeAsync()
    {
        await queue.StopAsync(timeForOutcomes);
        await queue.DisposeAsync();
        await spool.DisposeAsync();
        folder.Dispose();
    }

    // What is due is handed back: no attempt, and nothing of it is written down.
    private sealed class NoDelivery(ILeases leases) : IDispatcher
    {
        public void Dispatch(DueEntry entry) => leases.NotTried(entry, TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(1), "No server runs");
    }
}
