namespace Postrider.Smtp.Envelopes;

/// <summary>The address that the sender gave at first, before any server rewrote it (RFC 3461 §4.2).</summary>
/// <param name="AddressType">Its type, an atom such as <c>rfc822</c> or <c>utf-8</c> (RFC 6533 §3).</param>
/// <param name="Address">The address, decoded: printable characters of ASCII, or any of Unicode for <c>utf-8</c>.</param>
public sealed record OriginalRecipient(string AddressType, string Address);
