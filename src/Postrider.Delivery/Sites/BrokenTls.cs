using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Postrider.Delivery.Sites;

/// <summary>
/// Remembers for a while with whom TLS does not come about, so that mail that may go in the clear need not fail at a
/// handshake first, each time. It says nothing of mail that needs TLS, and TLS is tried again when the time is over. Any thread.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class BrokenTls(TimeProvider time)
{
    /// <summary>How many hosts are remembered; of more TLS is tried each time.</summary>
    public const int MostHosts = 10_000;

    /// <summary>How long: ten minutes. Who breaks one handshake on purpose gets that much mail in the clear and no more.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Dictionary<IPEndPoint, Failure> failures = [];

    /// <summary>Whether a host is known for that.</summary>
    /// <param name="host">The host.</param>
    /// <param name="failure">What went wrong.</param>
    public bool TryFind(IPEndPoint host, [NotNullWhen(true)] out string? failure)
    {
        lock (gate)
        {
            failure = failures.TryGetValue(host, out var known) && time.GetUtcNow() < known.Until ? known.Reason : null;
            return failure is not null;
        }
    }

    /// <summary>A handshake has failed.</summary>
    /// <param name="host">The host.</param>
    /// <param name="failure">What went wrong.</param>
    /// <returns>Until when it is remembered; null where it is already, or cannot be.</returns>
    public DateTimeOffset? Remember(IPEndPoint host, string failure)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            if (failures.TryGetValue(host, out var known) && now < known.Until)
                return null;
            if (failures.Count >= MostHosts)
            {
                foreach (var past in failures.Where(entry => entry.Value.Until <= now).Select(static entry => entry.Key).ToList())
                    failures.Remove(past);
            }
            if (failures.Count >= MostHosts)
                return null;
            failures[host] = new Failure(failure, now + Lasts);
            return now + Lasts;
        }
    }

    private readonly record struct Failure(string Reason, DateTimeOffset Until);
}
