using Postrider.Delivery.Routing;
using Postrider.Smtp.Addresses;

namespace Postrider.Delivery.People;

/// <summary>What addresses are looked up and compared by: local parts and domains without regard to case.</summary>
internal static class AddressKey
{
    /// <summary>The key of an address.</summary>
    public static string Of(Mailbox mailbox) => Of(DomainNames.Fold(mailbox.LocalPart), DomainNames.Normalize(mailbox.Domain));

    /// <summary>
    /// The key of a local part and a domain that are folded already; an empty domain stands for all that are local.
    /// A quoted local part may hold an @, and none a line end.
    /// </summary>
    public static string Of(string localPart, string domain) => domain.Length == 0 ? localPart : $"{localPart}\n{domain}";
}
