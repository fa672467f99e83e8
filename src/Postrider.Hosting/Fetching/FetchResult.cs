using Postrider.Delivery.Relay;
using Postrider.Smtp.Client;
using Postrider.Smtp.Replies;
using Postrider.Transport.Listening;

namespace Postrider.Hosting.Fetching;

/// <summary>What came of a fetch.</summary>
internal sealed record FetchResult
{
    /// <summary>What went out before TURN.</summary>
    public RelayTally Sent { get; init; }

    /// <summary>The reply to TURN or ATRN; null where it did not come to that.</summary>
    public Reply? Reply { get; init; }

    /// <summary>Why the connection ended before the roles changed; null where it did not.</summary>
    public SessionEnding? Ending { get; init; }

    /// <summary>How the session ended in which mail was received; null where there was none.</summary>
    public SessionEnd? End { get; init; }

    /// <summary>What else was in the way, or null.</summary>
    public string? Problem { get; init; }
}
