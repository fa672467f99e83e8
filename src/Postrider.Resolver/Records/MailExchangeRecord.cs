namespace Postrider.Resolver.Records;

/// <summary>MX (RFC 1035 §3.3.9). An empty host says that the domain takes no mail (RFC 7505).</summary>
/// <param name="Name">Whose record it is.</param>
/// <param name="TimeToLive">How long it may be kept.</param>
/// <param name="Preference">The lower, the sooner.</param>
/// <param name="Host">The host.</param>
public sealed record MailExchangeRecord(string Name, TimeSpan TimeToLive, int Preference, string Host) : DnsRecord(Name, TimeToLive);
