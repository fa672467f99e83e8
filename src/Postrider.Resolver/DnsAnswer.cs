using System.Collections.Immutable;
using Postrider.Resolver.Records;

namespace Postrider.Resolver;

/// <summary>The answer to a question.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Records">The records of the type that was asked for, aliases followed; empty unless there are some.</param>
/// <param name="IsAuthentic">Whether the server says that DNSSEC proves it (the AD bit, RFC 6840 §5.8); worth what the way to the server is worth.</param>
/// <param name="Problem">Why it failed, or null.</param>
public sealed record DnsAnswer(DnsStatus Status, ImmutableArray<DnsRecord> Records, bool IsAuthentic = false, string? Problem = null)
{
    internal static DnsAnswer Failure(string problem) => new(DnsStatus.Failed, [], Problem: problem);
}
