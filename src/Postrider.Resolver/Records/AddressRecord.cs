using System.Net;

namespace Postrider.Resolver.Records;

/// <summary>An address: A or AAAA.</summary>
/// <param name="Name">Whose record it is.</param>
/// <param name="TimeToLive">How long it may be kept.</param>
/// <param name="Address">The address.</param>
public sealed record AddressRecord(string Name, TimeSpan TimeToLive, IPAddress Address) : DnsRecord(Name, TimeToLive);
