using System.Globalization;

namespace Postrider.Smtp.Addresses;

/// <summary>What is wrong with an address, and where.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Offset">The octet at which it was found, from 0.</param>
public readonly record struct AddressError(AddressFault Fault, int Offset)
{
    /// <summary>Whether the path is one, and it is the mailbox in it that is none (RFC 5321 §4.2.2: 553); else the argument is wrong (501).</summary>
    internal bool IsOfMailbox => Fault is
        AddressFault.NoLocalPart or AddressFault.LocalPartCharacter or AddressFault.LocalPartDot or AddressFault.UnclosedQuote or AddressFault.QuotedCharacter
        or AddressFault.NoDomain or AddressFault.DomainCharacter or AddressFault.EmptyLabel or AddressFault.LabelHyphen or AddressFault.LabelTooLong or AddressFault.BadLiteral;

    /// <summary>Both in words, for a reply or an error message.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Describe(Fault)} (octet {Offset + 1})");

    private static string Describe(AddressFault fault) => fault switch
    {
        AddressFault.None => "nothing is wrong",
        AddressFault.NoOpeningBracket => "an address stands in angle brackets, and < is missing",
        AddressFault.NoClosingBracket => "an address stands in angle brackets, and > is missing",
        AddressFault.TextAfterPath => "a space is missing behind >",
        AddressFault.Empty => "the address is empty",
        AddressFault.NoLocalPart => "nothing stands before the @",
        AddressFault.LocalPartCharacter => "a character that the part before the @ cannot hold unquoted",
        AddressFault.LocalPartDot => "a dot that the part before the @ cannot hold unquoted",
        AddressFault.UnclosedQuote => "the closing quote is missing",
        AddressFault.QuotedCharacter => "a character that a quoted string cannot hold",
        AddressFault.LocalPartTooLong => "the part before the @ is too long",
        AddressFault.NoDomain => "the @ and a domain are missing",
        AddressFault.DomainCharacter => "a character that a domain cannot hold",
        AddressFault.EmptyLabel => "a label of the domain is empty",
        AddressFault.LabelHyphen => "a label of the domain begins or ends with a hyphen",
        AddressFault.LabelTooLong => "a label of the domain is over 63 octets",
        AddressFault.DomainTooLong => "the domain is too long",
        AddressFault.BadLiteral => "not an address literal",
        AddressFault.BadRoute => "not a source route",
        AddressFault.PathTooLong => "the address is too long",
        AddressFault.NotUtf8 => "not valid UTF-8",
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
