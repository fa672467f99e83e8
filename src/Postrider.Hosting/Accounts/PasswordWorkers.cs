using Postrider.Smtp.Sasl;

namespace Postrider.Hosting.Accounts;

/// <summary>
/// Hashes passwords, each of which takes tens of milliseconds of a processor: as many at a time as half of the
/// processors can, and with a queue that has an end, so that logins never take the time of mail.
/// </summary>
/// <param name="atOnce">How many at a time; 1 or more.</param>
/// <param name="waiting">How many more may wait.</param>
internal sealed class PasswordWorkers(int atOnce, int waiting) : IDisposable
{
    private readonly SemaphoreSlim free = new(atOnce);
    private int inside;

    /// <summary>With what this machine has.</summary>
    public PasswordWorkers()
        : this(Math.Max(1, Environment.ProcessorCount / 2), 100)
    {
    }

    /// <summary>Whether this is the password; null where too many wait already.</summary>
    public async ValueTask<bool?> MatchesAsync(ScramVerifier verifier, string prepared)
    {
        if (Interlocked.Increment(ref inside) > atOnce + waiting)
        {
            Interlocked.Decrement(ref inside);
            return null;
        }
        try
        {
            await free.WaitAsync();
            try
            {
                return await Task.Run(() => verifier.Matches(prepared));
            }
            finally
            {
                free.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref inside);
        }
    }

    public void Dispose() => free.Dispose();
}
