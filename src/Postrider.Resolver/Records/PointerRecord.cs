namespace Postrider.Resolver.Records;

/// <summary>PTR.</summary>
/// <param name="Name">Whose record it is.</param>
/// <param name="TimeToLive">How long it may be kept.</param>
/// <param name="Host">The name that the address goes by.</param>
public sealed record PointerRecord(string Name, TimeSpan TimeToLive, string Host) : DnsRecord(Name, TimeToLive);
