namespace Postrider.Queue.Scheduling;

/// <summary>Delivery, as the queue sees it. It knows where mail goes; the queue knows when.</summary>
public interface IDispatcher
{
    /// <summary>
    /// Takes an entry that is due. Returns at once; the attempt goes on by itself. A site that is full
    /// hands the entry back by <see cref="ILeases.NotTried"/>.
    /// </summary>
    void Dispatch(DueEntry entry);
}
