namespace Postrider.Smtp.Addresses;

/// <summary>How long the parts of an address may be, in octets.</summary>
/// <param name="Path">A path with its brackets: 256 (RFC 5321 §4.5.3.1.3).</param>
/// <param name="LocalPart">A local part as it is written: 64 (RFC 5321 §4.5.3.1.1).</param>
/// <param name="Domain">A domain: 255 (RFC 5321 §4.5.3.1.2).</param>
public readonly record struct AddressLimits(int Path, int LocalPart, int Domain)
{
    /// <summary>The numbers of RFC 5321.</summary>
    public static AddressLimits Rfc5321 => new(256, 64, 255);
}
