namespace Postrider.Testing.Networks;

/// <summary>
/// One task's wait for a change of state; the owner's lock guards <see cref="Wait"/> and <see cref="Wake"/>.
/// Who waits goes on through its own scheduler, never within the call that woke it.
/// </summary>
internal sealed class Waiter
{
    private TaskCompletionSource? source;

    public Task Wait()
    {
        if (source is { Task.IsCompleted: false })
            throw new InvalidOperationException("A second operation of the same kind began while one was under way.");
        source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return source.Task;
    }

    public void Wake() => source?.TrySetResult();

    public void Cancel(object? state, CancellationToken cancellationToken) => source?.TrySetCanceled(cancellationToken);
}
