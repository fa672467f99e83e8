namespace Postrider.Queue.Outcomes;

/// <summary>Keeps a mistake in an observer away from the mail: what it throws goes no further.</summary>
internal sealed class GuardedObserver(IQueueObserver observer) : IQueueObserver
{
    public void Observe(QueueEvent happened)
    {
        try
        {
            observer.Observe(happened);
        }
        catch (Exception)
        {
            // There is nobody to tell: the observer is whom we tell.
        }
    }
}
