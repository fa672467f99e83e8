using System.Text;
using System.Text.Unicode;
using Postrider.Smtp.Addresses;

namespace Postrider.Smtp.Grammar;

/// <summary>
/// Reads one path or mailbox (RFC 5321 §4.1.2). Strict but for the source route, which is checked and
/// dropped. Allocates the strings of the mailbox and nothing else.
/// </summary>
internal ref struct PathReader(ReadOnlySpan<byte> text, AddressLimits limits)
{
    private const int LongestLabel = 63;

    private readonly ReadOnlySpan<byte> text = text;

    /// <summary>How far it has read.</summary>
    public int Position { get; private set; }

    /// <summary>What is wrong, or a fault of none.</summary>
    public AddressError Error { get; private set; }

    /// <summary>The domain of a mailbox that is written without one; null where that is a mistake.</summary>
    public string? DefaultDomain { get; init; }

    public bool ReadPath(bool allowNull, bool allowBarePostmaster, out Mailbox? mailbox)
    {
        mailbox = null;
        if (!At('<'))
            return Fail(AddressFault.NoOpeningBracket);
        Position++;
        if (At('>'))
        {
            if (!allowNull)
                return Fail(AddressFault.Empty);
            Position++;
        }
        else
        {
            if (At('@') && !SkipRoute())
                return false;
            mailbox = ReadMailbox(allowBarePostmaster);
            if (mailbox is null)
                return false;
            Position++;
        }

        if (Position > limits.Path)
            return FailPath(ref mailbox, AddressFault.PathTooLong, 0);
        if (Position < text.Length && text[Position] != ' ')
            return FailPath(ref mailbox, AddressFault.TextAfterPath, Position);
        return true;
    }

    public Mailbox? ReadWholeMailbox()
    {
        if (text.IsEmpty)
        {
            Fail(AddressFault.Empty);
            return null;
        }
        if (!ReadLocalPart(out var local))
            return null;
        if (!At('@'))
        {
            Fail(AddressFault.NoDomain);
            return null;
        }
        Position++;
        if (!ReadDomain(out var domain))
            return null;
        if (Position < text.Length)
        {
            Fail(AddressFault.DomainCharacter);
            return null;
        }
        return Make(local, domain);
    }

    private Mailbox? ReadMailbox(bool allowBarePostmaster)
    {
        if (!ReadLocalPart(out var local))
            return null;
        if (At('>') && allowBarePostmaster && Ascii.EqualsIgnoreCase(local, "postmaster"u8))
            return new Mailbox("postmaster", "");
        if (At('>') && DefaultDomain is not null)
            return Make(local, Encoding.UTF8.GetBytes(DefaultDomain));
        if (!At('@'))
        {
            Fail(Position == text.Length ? AddressFault.NoClosingBracket : AddressFault.NoDomain);
            return null;
        }
        Position++;
        if (!ReadDomain(out var domain))
            return null;
        if (!At('>'))
        {
            Fail(Position == text.Length || At(' ') ? AddressFault.NoClosingBracket : AddressFault.DomainCharacter);
            return null;
        }
        return Make(local, domain);
    }

    // RFC 5321 appendix C: A-d-l ":" is accepted and ignored.
    private bool SkipRoute()
    {
        while (true)
        {
            if (!At('@'))
                return Fail(AddressFault.BadRoute);
            Position++;
            if (!ReadDomain(out _))
                return false;
            if (At(':'))
            {
                Position++;
                return true;
            }
            if (!At(','))
                return Fail(AddressFault.BadRoute);
            Position++;
        }
    }

    private bool ReadLocalPart(out ReadOnlySpan<byte> local)
    {
        var start = Position;
        var read = At('"') ? ReadQuotedString() : ReadDotString();
        local = text[start..Position];
        if (!read)
            return false;
        // An empty quoted string is in the grammar and names nobody.
        if (local is [(byte)'"', (byte)'"'])
            return Fail(AddressFault.NoLocalPart, start);
        return local.Length <= limits.LocalPart || Fail(AddressFault.LocalPartTooLong, start + limits.LocalPart);
    }

    private bool ReadDotString()
    {
        var start = Position;
        var afterDot = true;
        for (; Position < text.Length; Position++)
        {
            var octet = text[Position];
            if (octet == '.')
            {
                if (afterDot)
                    return Fail(AddressFault.LocalPartDot);
                afterDot = true;
            }
            else if (Characters.IsAtomText(octet))
            {
                afterDot = false;
            }
            else if (octet is (byte)'@' or (byte)'>')
            {
                break;
            }
            else
            {
                return Fail(AddressFault.LocalPartCharacter);
            }
        }
        if (Position == start)
            return Fail(AddressFault.NoLocalPart);
        return !afterDot || Fail(AddressFault.LocalPartDot, Position - 1);
    }

    private bool ReadQuotedString()
    {
        Position++;
        while (Position < text.Length)
        {
            var octet = text[Position];
            if (octet == '"')
            {
                Position++;
                return true;
            }
            if (octet == '\\')
            {
                // quoted-pairSMTP: a backslash and one printable character.
                Position++;
                if (Position < text.Length && text[Position] is < 32 or > 126)
                    return Fail(AddressFault.QuotedCharacter);
            }
            else if (!Characters.IsQuotedText(octet))
            {
                return Fail(AddressFault.QuotedCharacter);
            }
            Position++;
        }
        Position = text.Length;
        return Fail(AddressFault.UnclosedQuote);
    }

    private bool ReadDomain(out ReadOnlySpan<byte> domain)
    {
        var start = Position;
        domain = default;
        if (At('['))
        {
            var close = text[start..].IndexOf((byte)']');
            if (close < 0 || !AddressLiteral.IsValid(text.Slice(start, close + 1)))
                return Fail(AddressFault.BadLiteral);
            Position = start + close + 1;
        }
        else if (Position == text.Length || At('>'))
        {
            return Fail(AddressFault.NoDomain);
        }
        else if (!SkipLabels())
        {
            return false;
        }

        domain = text[start..Position];
        return domain.Length <= limits.Domain || Fail(AddressFault.DomainTooLong, start + limits.Domain);
    }

    private bool SkipLabels()
    {
        var label = Position;
        for (; ; Position++)
        {
            var octet = Position < text.Length ? text[Position] : (byte)0;
            if (Characters.IsLetterOrDigit(octet) || octet is (byte)'-' or >= 0x80)
                continue;
            if (Position == label)
                return Fail(AddressFault.EmptyLabel);
            if (text[label] == '-' || text[Position - 1] == '-')
                return Fail(AddressFault.LabelHyphen, text[label] == '-' ? label : Position - 1);
            if (Position - label > LongestLabel)
                return Fail(AddressFault.LabelTooLong, label + LongestLabel);
            if (octet != '.')
                return true;
            label = Position + 1;
        }
    }

    private Mailbox? Make(ReadOnlySpan<byte> local, ReadOnlySpan<byte> domain)
    {
        // Overlong forms, surrogates and cut-off sequences are invalid here (RFC 3629 §3).
        var read = text[..Position];
        if (!Ascii.IsValid(read) && !Utf8.IsValid(read))
        {
            Fail(AddressFault.NotUtf8, FirstInvalid(read));
            return null;
        }
        return new Mailbox(local[0] == '"' ? Unquote(local[1..^1]) : Encoding.UTF8.GetString(local), Encoding.UTF8.GetString(domain));
    }

    private static string Unquote(ReadOnlySpan<byte> quoted)
    {
        // A local part is bounded by the line that held it, so this is small.
        var octets = new byte[quoted.Length];
        var length = 0;
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\')
                i++;
            octets[length++] = quoted[i];
        }
        return Encoding.UTF8.GetString(octets, 0, length);
    }

    private static int FirstInvalid(ReadOnlySpan<byte> octets)
    {
        var offset = 0;
        while (Rune.DecodeFromUtf8(octets[offset..], out _, out var taken) == System.Buffers.OperationStatus.Done)
            offset += taken;
        return offset;
    }

    private readonly bool At(char c) => Position < text.Length && text[Position] == c;

    private bool Fail(AddressFault fault) => Fail(fault, Position);

    private bool Fail(AddressFault fault, int offset)
    {
        Error = new AddressError(fault, offset);
        return false;
    }

    private bool FailPath(ref Mailbox? mailbox, AddressFault fault, int offset)
    {
        mailbox = null;
        return Fail(fault, offset);
    }
}
