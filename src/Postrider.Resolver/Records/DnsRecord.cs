namespace Postrider.Resolver.Records;

/// <summary>A record of an answer. Names are as they came, without the last dot.</summary>
/// <param name="Name">Whose record it is.</param>
/// <param name="TimeToLive">How long it may be kept.</param>
public abstract record DnsRecord(string Name, TimeSpan TimeToLive);
