using System.Diagnostics;

namespace Postrider.FunctionalTests;

/// <summary>Waits for what another process brings about.</summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Looks again and again until there is an answer.</summary>
    /// <param name="look">Gives the answer, or null where there is none yet.</param>
    /// <param name="otherwise">What to say when there never is.</param>
    public static async Task<T> FoundAsync<T>(Func<T?> look, Func<string> otherwise)
        where T : class
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            if (look() is { } found)
                return found;
            if (started.Elapsed > Patience)
                throw new TimeoutException(otherwise());
            await Task.Delay(Interval);
        }
    }
}
