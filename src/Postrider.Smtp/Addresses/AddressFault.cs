namespace Postrider.Smtp.Addresses;

/// <summary>What is wrong with an address or a path.</summary>
public enum AddressFault
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A path does not begin with an angle bracket.</summary>
    NoOpeningBracket,

    /// <summary>A path does not end with an angle bracket.</summary>
    NoClosingBracket,

    /// <summary>Something stands directly behind the path.</summary>
    TextAfterPath,

    /// <summary>Nothing stands between the brackets where a mailbox must.</summary>
    Empty,

    /// <summary>Nothing stands before the at sign.</summary>
    NoLocalPart,

    /// <summary>A character that a local part cannot hold here; most could stand in quotes.</summary>
    LocalPartCharacter,

    /// <summary>A dot at the end of an unquoted local part, at its start, or two in a row.</summary>
    LocalPartDot,

    /// <summary>A quoted local part without its closing quote.</summary>
    UnclosedQuote,

    /// <summary>A character that even a quoted local part cannot hold.</summary>
    QuotedCharacter,

    /// <summary>The local part is over its limit.</summary>
    LocalPartTooLong,

    /// <summary>No at sign and domain behind the local part.</summary>
    NoDomain,

    /// <summary>A character that a domain cannot hold here.</summary>
    DomainCharacter,

    /// <summary>A label of the domain is empty.</summary>
    EmptyLabel,

    /// <summary>A label of the domain begins or ends with a hyphen.</summary>
    LabelHyphen,

    /// <summary>A label of the domain is over 63 octets (RFC 1035 §2.3.4).</summary>
    LabelTooLong,

    /// <summary>The domain is over its limit.</summary>
    DomainTooLong,

    /// <summary>An address literal is not one of RFC 5321 §4.1.3.</summary>
    BadLiteral,

    /// <summary>A source route is not <c>@domain,@domain:</c>.</summary>
    BadRoute,

    /// <summary>The path is over its limit.</summary>
    PathTooLong,

    /// <summary>Octets above 127 are not valid UTF-8.</summary>
    NotUtf8,
}
