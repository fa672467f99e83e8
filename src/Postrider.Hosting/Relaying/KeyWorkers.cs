using Postrider.Transport.Dialing;

namespace Postrider.Hosting.Relaying;

/// <summary>
/// Derives keys for logins at other servers, which the server makes as dear as a quarter of a second of a processor: as
/// many at a time as half of the processors can. They wait apart from logins here, or who fails to log in would hold up relaying.
/// </summary>
/// <param name="atOnce">How many at a time; 1 or more.</param>
internal sealed class KeyWorkers(int atOnce) : IHeavyWork, IDisposable
{
    private readonly SemaphoreSlim free = new(atOnce);

    /// <summary>With what this machine has.</summary>
    public KeyWorkers()
        : this(Math.Max(1, Environment.ProcessorCount / 2))
    {
    }

    /// <inheritdoc/>
    public async ValueTask RunAsync(Action work)
    {
        await free.WaitAsync();
        try
        {
            await Task.Run(work);
        }
        finally
        {
            free.Release();
        }
    }

    public void Dispose() => free.Dispose();
}
