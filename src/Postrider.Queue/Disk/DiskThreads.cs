namespace Postrider.Queue.Disk;

/// <summary>
/// The threads on which blocking disk calls are made. They are not the pool's: one that waits for the
/// disk would be missing there, and on a small machine that is half of those which serve sessions.
/// </summary>
internal static class DiskThreads
{
    /// <summary>So many calls are made at once, at the most.</summary>
    internal const int Most = 16;

    // A thread that has had nothing to do for so long ends.
    private const int RestMilliseconds = 10_000;

    private static readonly object Gate = new();
    private static readonly Queue<Action> Waiting = [];
    private static int resting;
    private static int threads;

    /// <summary>Runs blocking work on a thread of its own; what it throws comes back by the task.</summary>
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            try
            {
                done.SetResult(work());
            }
#pragma warning disable CA1031 // It is the caller's, whatever it is.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                done.SetException(failure);
            }
        });
        return done.Task;
    }

    private static void Enqueue(Action work)
    {
        lock (Gate)
        {
            Waiting.Enqueue(work);
            if (resting >= Waiting.Count)
            {
                Monitor.Pulse(Gate);
                return;
            }
            if (threads == Most)
                return;
            threads++;
        }
#pragma warning disable RS0030 // The disk owns its threads.
        new Thread(Work) { IsBackground = true, Name = "Disk" }.Start();
#pragma warning restore RS0030
    }

    private static void Work()
    {
        while (true)
        {
            Action? work;
            lock (Gate)
            {
                while (!Waiting.TryDequeue(out work))
                {
                    resting++;
                    var isCalled = Monitor.Wait(Gate, RestMilliseconds);
                    resting--;
                    if (!isCalled && Waiting.Count == 0)
                    {
                        threads--;
                        return;
                    }
                }
            }
            work();
        }
    }
}
