namespace Postrider.Queue.Outcomes;

/// <summary>Is told what happens to queued mail.</summary>
public interface IQueueObserver
{
    /// <summary>
    /// Something has happened. Called from any thread, also from several at once; returns at once and
    /// throws nothing.
    /// </summary>
    void Observe(QueueEvent happened);
}
