using System.Collections.Immutable;
using System.Net;

namespace Postrider.Resolver;

/// <summary>Whom a resolver asks, and how long.</summary>
public sealed record ResolverOptions
{
    /// <summary>The servers, in the order in which they are asked; they must recurse.</summary>
    public required ImmutableArray<IPEndPoint> Servers { get; init; }

    /// <summary>How long one server is waited for. 2 seconds unless set.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often each server is asked. 2 unless set.</summary>
    public int Rounds { get; init; } = 2;

    /// <summary>How long an answer is kept at most, whatever it says. An hour unless set.</summary>
    public TimeSpan LongestKept { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many answers are kept. 20,000 unless set.</summary>
    public int Kept { get; init; } = 20_000;
}
