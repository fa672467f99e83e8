namespace Postrider.Resolver.Records;

/// <summary>TXT, its strings put together (RFC 7208 §3.3).</summary>
/// <param name="Name">Whose record it is.</param>
/// <param name="TimeToLive">How long it may be kept.</param>
/// <param name="Text">The text; each octet is one character.</param>
public sealed record TextRecord(string Name, TimeSpan TimeToLive, string Text) : DnsRecord(Name, TimeToLive);
