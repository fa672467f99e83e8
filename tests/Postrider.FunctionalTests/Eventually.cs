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
        T? found = null;
        await TrueAsync(() => (found = look()) is not null, otherwise);
        return found!;
    }

    /// <summary>Looks again and again until something is so.</summary>
    /// <param name="look">Whether it is so.</param>
    /// <param name="otherwise">What to say when it never is.</param>
    public static Task TrueAsync(Func<bool> look, Func<string> otherwise) => TrueAsync(() => Task.FromResult(look()), otherwise);

    /// <inheritdoc cref="TrueAsync(Func{bool}, Func{string})"/>
    public static async Task TrueAsync(Func<Task<bool>> look, Func<string> otherwise)
    {
        var started = Stopwatch.StartNew();
        while (!await look())
        {
            if (started.Elapsed > Patience)
                throw new TimeoutException(otherwise());
            await Task.Delay(Interval);
        }
    }
}
