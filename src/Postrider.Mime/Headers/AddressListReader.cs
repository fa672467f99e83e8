namespace Postrider.Mime.Headers;

/// <summary>
/// Reads the value of an address field (RFC 5322 §3.4) octet by octet and finds the addresses that lack a domain. What it
/// does not understand it lets be: a display name alone, a route, a path of UUCP, a local part that is none.
/// </summary>
internal struct AddressListReader
{
    // RFC 5321 §4.5.3.1.1.
    private const int LongestLocalPart = 64;

    private Place place;
    private Place behindComment;
    private int depth;
    private bool isEscaped;

    // Of the mailbox under way: its words so far, and the last of them.
    private int words;
    private long start;
    private long end;
    private byte last;
    private bool isQuoted;
    private bool isInAngle;
    private bool isUnfit;

    private enum Place : byte
    {
        Between,
        Atom,
        Quoted,
        Literal,
        Comment,
    }

    /// <summary>Takes the next octet, or a comma at the end of the field.</summary>
    /// <param name="octet">The octet.</param>
    /// <param name="position">Where it is.</param>
    /// <param name="bare">Where the local part is that lacks a domain, which this octet has ended.</param>
    public bool Read(byte octet, long position, out (long Start, long End) bare)
    {
        bare = default;
        if (isEscaped)
        {
            isEscaped = false;
            return false;
        }
        switch (place)
        {
            case Place.Comment:
                depth += octet switch { (byte)'(' => 1, (byte)')' => -1, _ => 0 };
                isEscaped = octet == '\\';
                if (depth == 0)
                    place = behindComment;
                return false;
            case Place.Quoted:
                isEscaped = octet == '\\';
                if (octet == '"')
                    (place, end) = (Place.Between, position + 1);
                return false;
            case Place.Literal:
                isEscaped = octet == '\\';
                if (octet == ']')
                    place = Place.Between;
                return false;
        }
        return ReadBetween(octet, position, out bare);
    }

    private bool ReadBetween(byte octet, long position, out (long Start, long End) bare)
    {
        bare = default;
        switch (octet)
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                if (place == Place.Atom)
                    place = Place.Between;
                return false;
            case (byte)'(':
                behindComment = place == Place.Atom ? Place.Between : place;
                place = Place.Comment;
                depth = 1;
                return false;
            // Inside the brackets it stands in a route, which is not read.
            case (byte)',' or (byte)';' when !isInAngle:
            case (byte)'>' when isInAngle:
                var isBare = IsBare();
                bare = (start, end);
                this = new AddressListReader { isUnfit = octet == '>' };
                return isBare;
            // What was before it is the name of a group.
            case (byte)':' when !isInAngle:
                this = default;
                return false;
            case (byte)'<' when !isInAngle:
                this = new AddressListReader { isInAngle = true };
                return false;
            case (byte)'"':
                Begin(position);
                isQuoted = true;
                place = Place.Quoted;
                return false;
            case (byte)'[':
                isUnfit = true;
                place = Place.Literal;
                return false;
            case (byte)'@' or (byte)'!' or (byte)'%' or (byte)':' or (byte)',' or (byte)';' or (byte)'<' or (byte)'>' or (byte)'\\' or (byte)')' or (byte)']' or < 32 or 127:
                isUnfit = true;
                place = Place.Between;
                return false;
            default:
                if (place != Place.Atom)
                    Begin(position);
                // RFC 5322 §3.2.3 dot-atom: a dot stands between two others.
                isUnfit |= octet == '.' && (place != Place.Atom || last == '.');
                // Outside the brackets what is not ASCII is a name, and so is what begins an encoded word (RFC 2047 §2).
                isUnfit |= !isInAngle && (octet > 127 || (octet == '?' && last == '=' && position == start + 1));
                place = Place.Atom;
                last = octet;
                end = position + 1;
                return false;
        }
    }

    private void Begin(long position)
    {
        last = 0;
        words++;
        start = position;
        end = position + 1;
    }

    private readonly bool IsBare() =>
        words == 1 && !isUnfit && end - start <= LongestLocalPart && (isQuoted ? isInAngle : last != '.');
}
