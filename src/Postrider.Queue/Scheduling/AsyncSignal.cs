namespace Postrider.Queue.Scheduling;

/// <summary>
/// Wakes one loop. Setting it twice wakes once, setting it before the wait is remembered. The loop
/// goes on where its own scheduler runs it, never inside <see cref="Set"/>.
/// </summary>
internal sealed class AsyncSignal
{
    private readonly Lock gate = new();
    private TaskCompletionSource? waiter;
    private bool isSet;

    public Task WaitAsync()
    {
        lock (gate)
        {
            if (isSet)
            {
                isSet = false;
                return Task.CompletedTask;
            }
            waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiter.Task;
        }
    }

    public void Set()
    {
        TaskCompletionSource? woken;
        lock (gate)
        {
            woken = waiter;
            waiter = null;
            isSet = woken is null;
        }
        woken?.SetResult();
    }
}
