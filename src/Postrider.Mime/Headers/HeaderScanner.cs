using System.Runtime.CompilerServices;
using System.Text;

namespace Postrider.Mime.Headers;

/// <summary>
/// Finds the end of a header block in content that comes in slices, however they are cut, and notes
/// on the way what a server must know of it. Holds on to no slice. Re-usable by <see cref="Reset"/>.
/// </summary>
/// <remarks>
/// The block ends with its empty line, or before the first line that is no field, which some programs
/// write right behind the fields. In what is behind it nothing is looked at.
/// </remarks>
public sealed class HeaderScanner
{
    // The longest name that is looked for is Resent-Sender.
    private const int NoticedName = 13;

    /// <summary>How many places of Bcc fields are noted: 100.</summary>
    public const int MostBlindCopies = 100;

    /// <summary>How many addresses without a domain are noted: 500.</summary>
    public const int MostBareAddresses = 500;

    /// <summary>How many places of MT-Priority fields are noted: 20.</summary>
    public const int MostPriorityFields = 20;

    private List<(int Offset, int Length)>? blindCopies;
    private List<(int Offset, int Length)>? priorityFields;
    private long priorityField = -1;
    private sbyte priority;
    private List<BareAddress>? bareAddresses;
    private AddressListReader addresses;
    private bool isInAddresses;
    private long blindCopy = -1;
    private NameBuffer name;
    private int nameLength;
    private Place place;
    private long scanned;
    private long lineStart;
    private bool hasTlsRequired;

    private enum Place
    {
        LineStart,
        Name,
        SpaceBehindName,
        Rest,

        /// <summary>In the value of TLS-Required: before it, in it, behind it.</summary>
        TlsRequired,
        TlsRequiredN,
        TlsRequiredNo,

        /// <summary>In the value of MT-Priority: before it, behind a minus, behind the digit.</summary>
        Priority,
        PriorityMinus,
        PriorityDigit,

        /// <summary>In the value of an address field.</summary>
        Addresses,
        CarriageReturnAtLineStart,
        Done,
    }

    /// <summary>Whether the end of the block has been found.</summary>
    public bool IsComplete => place == Place.Done;

    /// <summary>
    /// Octets of the block: with its empty line where it has one, and so far where it is not complete.
    /// </summary>
    public long Length { get; private set; }

    /// <summary>Whether the block ended with an empty line, as it should (RFC 5322 §2.1).</summary>
    public bool HasEmptyLine { get; private set; }

    /// <summary>Whether the content, which has ended, begins with no field and no empty line: all of it is text, as mail was before RFC 822.</summary>
    public bool IsMissing => place == Place.Done && Length == 0 && !HasEmptyLine;

    /// <summary>How many <c>Received:</c> fields there are: too many are a loop (RFC 5321 §6.3).</summary>
    public int ReceivedCount { get; private set; }

    /// <summary>
    /// Where the <c>Bcc:</c> and <c>Resent-Bcc:</c> fields are, in octets from the start, with their line ends; those that
    /// follow each other as one. At most <see cref="MostBlindCopies"/>; more are not noted and <see cref="HasMoreBlindCopies"/> says so.
    /// </summary>
    public IReadOnlyList<(int Offset, int Length)> BlindCopies => blindCopies ?? [];

    /// <summary>Whether there are more of them than are noted.</summary>
    public bool HasMoreBlindCopies { get; private set; }

    /// <summary>Whether <see cref="BareAddresses"/> are looked for; not, unless set before the first slice.</summary>
    public bool FindsBareAddresses { get; init; }

    /// <summary>
    /// The addresses without a domain in the fields of RFC 5322 §3.6.2, §3.6.3 and §3.6.6, but not in <see cref="BlindCopies"/>. At
    /// most <see cref="MostBareAddresses"/>; more are not noted and <see cref="HasMoreBareAddresses"/> says so.
    /// </summary>
    public IReadOnlyList<BareAddress> BareAddresses => bareAddresses ?? [];

    /// <summary>Whether there are more of them than are noted.</summary>
    public bool HasMoreBareAddresses { get; private set; }

    /// <summary>The value of the <c>MT-Priority:</c> field (RFC 6758 §3.1), -9 to 9; null where there is none, another value, or more than one.</summary>
    public sbyte? Priority { get; private set; }

    /// <summary>Where the fields of that name are, in octets from the start, with their line ends; at most <see cref="MostPriorityFields"/>.</summary>
    public IReadOnlyList<(int Offset, int Length)> PriorityFields => priorityFields ?? [];

    /// <summary>Which of the noted fields are there.</summary>
    public HeaderFields Found { get; private set; }

    /// <summary>Looks at the next slice of the content.</summary>
    /// <returns>Whether the end of the block has been found: later slices need not be given.</returns>
    public bool Advance(ReadOnlySpan<byte> slice)
    {
        if (place == Place.Done)
            return true;

        var i = 0;
        while (i < slice.Length)
        {
            if (place == Place.Rest)
            {
                var end = slice[i..].IndexOf((byte)'\n');
                if (end < 0)
                    break;
                i += end + 1;
                lineStart = scanned + i;
                place = Place.LineStart;
                continue;
            }
            Look(slice[i], scanned + i);
            if (place == Place.Done)
                return true;
            i++;
        }
        scanned += slice.Length;
        Length = scanned;
        return false;
    }

    /// <summary>The content has ended: what was seen is all header block where no end was found.</summary>
    public void End()
    {
        if (place == Place.Done)
            return;
        EndField(place is Place.Name or Place.SpaceBehindName ? lineStart : scanned);
        if (place is Place.Name or Place.SpaceBehindName)
            Length = lineStart;
        place = Place.Done;
    }

    /// <summary>Makes it ready for another message.</summary>
    public void Reset()
    {
        place = Place.LineStart;
        (scanned, lineStart, Length, nameLength, ReceivedCount) = (0, 0, 0, 0, 0);
        HasEmptyLine = false;
        hasTlsRequired = false;
        Found = HeaderFields.None;
        blindCopies = priorityFields = null;
        blindCopy = priorityField = -1;
        Priority = null;
        bareAddresses = null;
        isInAddresses = false;
        HasMoreBlindCopies = HasMoreBareAddresses = false;
    }

    private void Look(byte octet, long position)
    {
        if (place == Place.LineStart && octet is not ((byte)' ' or (byte)'\t'))
            EndField(position);
        switch (place)
        {
            case Place.LineStart when octet is (byte)' ' or (byte)'\t':
                // The first line cannot go on with a field.
                if (position == 0)
                    EndBefore(position);
                else
                    place = isInAddresses ? Place.Addresses : Place.Rest;
                break;
            case Place.LineStart when octet == (byte)'\r':
                place = Place.CarriageReturnAtLineStart;
                break;
            case Place.LineStart when octet == (byte)'\n':
            case Place.CarriageReturnAtLineStart when octet == (byte)'\n':
                HasEmptyLine = true;
                EndBefore(position + 1);
                break;
            case Place.LineStart when IsNameOctet(octet):
                name[0] = octet;
                nameLength = 1;
                place = Place.Name;
                break;
            case Place.Name when IsNameOctet(octet):
                if (nameLength < NoticedName)
                    name[nameLength] = octet;
                nameLength++;
                break;
            case Place.Name or Place.SpaceBehindName when octet == (byte)':':
                place = NoteField();
                break;
            // RFC 5322 §4.5.3: old programs leave space before the colon.
            case Place.Name or Place.SpaceBehindName when octet is (byte)' ' or (byte)'\t':
                place = Place.SpaceBehindName;
                break;
            case Place.Addresses:
                LookAtAddress(octet, position);
                if (octet == '\n')
                    (lineStart, place) = (position + 1, Place.LineStart);
                break;
            case Place.Priority or Place.PriorityMinus or Place.PriorityDigit:
                LookAtPriority(octet, position);
                break;
            case Place.TlsRequired or Place.TlsRequiredN or Place.TlsRequiredNo:
                LookAtTlsRequired(octet, position);
                break;
            default:
                EndBefore(lineStart);
                break;
        }
    }

    // RFC 8689 §3: the one value is No. A comment beside it, which nobody writes, makes it none: TLS is waived by plain words only.
    private void LookAtTlsRequired(byte octet, long position)
    {
        switch (octet)
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r' when place != Place.TlsRequiredN:
                break;
            case (byte)'n' or (byte)'N' when place == Place.TlsRequired:
                place = Place.TlsRequiredN;
                break;
            case (byte)'o' or (byte)'O' when place == Place.TlsRequiredN:
                place = Place.TlsRequiredNo;
                break;
            case (byte)'\n':
                if (place == Place.TlsRequiredNo)
                    Found |= HeaderFields.TlsWaived;
                lineStart = position + 1;
                place = Place.LineStart;
                break;
            default:
                place = Place.Rest;
                break;
        }
    }

    // RFC 6758 §3.1: a number as in the command, and nothing beside it.
    private void LookAtPriority(byte octet, long position)
    {
        switch (octet)
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r' when place != Place.PriorityMinus:
                break;
            case (byte)'-' when place == Place.Priority:
                place = Place.PriorityMinus;
                break;
            case >= (byte)'0' and <= (byte)'9' when place != Place.PriorityDigit:
                priority = (sbyte)(place == Place.PriorityMinus ? '0' - octet : octet - '0');
                place = Place.PriorityDigit;
                break;
            case (byte)'\n':
                if (place == Place.PriorityDigit)
                    Priority = priority;
                (lineStart, place) = (position + 1, Place.LineStart);
                break;
            default:
                place = Place.Rest;
                break;
        }
    }

    private void EndBefore(long position)
    {
        Length = position;
        place = Place.Done;
    }

    private Place NoteField()
    {
        if (nameLength > NoticedName)
            return Place.Rest;
        ReadOnlySpan<byte> seen = name;
        seen = seen[..nameLength];
        switch (nameLength)
        {
            case 3 when IsName(seen, "bcc"u8):
            case 10 when IsName(seen, "resent-bcc"u8):
                blindCopy = lineStart;
                break;
            case 4 when IsName(seen, "date"u8):
                Found |= HeaderFields.Date;
                break;
            case 4 when IsName(seen, "from"u8):
                Found |= HeaderFields.From;
                return Addresses();
            case 11 when IsName(seen, "mt-priority"u8):
                priorityField = lineStart;
                Priority = null;
                // Of two neither counts.
                return priorityFields is null ? Place.Priority : Place.Rest;
            case 2 when IsName(seen, "to"u8) || IsName(seen, "cc"u8):
            case 6 when IsName(seen, "sender"u8):
            case 8 when IsName(seen, "reply-to"u8):
            case 9 when IsName(seen, "resent-to"u8) || IsName(seen, "resent-cc"u8):
            case 11 when IsName(seen, "resent-from"u8):
            case 13 when IsName(seen, "resent-sender"u8):
                return Addresses();
            case 8 when IsName(seen, "received"u8):
                ReceivedCount++;
                break;
            case 10 when IsName(seen, "message-id"u8):
                Found |= HeaderFields.MessageId;
                break;
            case 12 when IsName(seen, "tls-required"u8):
                Found &= ~HeaderFields.TlsWaived;
                if (hasTlsRequired)
                    break;
                hasTlsRequired = true;
                return Place.TlsRequired;
        }
        return Place.Rest;
    }

    private Place Addresses()
    {
        if (!FindsBareAddresses)
            return Place.Rest;
        addresses = default;
        isInAddresses = true;
        return Place.Addresses;
    }

    private void LookAtAddress(byte octet, long position)
    {
        if (!addresses.Read(octet, position, out var bare))
            return;
        bareAddresses ??= [];
        if (bareAddresses.Count < MostBareAddresses)
            // An address that a fold divides from its comma stands in a line before this one.
            bareAddresses.Add(new BareAddress((int)bare.Start, (int)bare.End, (int)Math.Max(0, bare.Start - lineStart)));
        else
            HasMoreBareAddresses = true;
    }

    private void EndField(long position)
    {
        if (isInAddresses)
        {
            isInAddresses = false;
            LookAtAddress((byte)',', position);
        }
        if (priorityField >= 0)
        {
            priorityFields ??= [];
            if (priorityFields.Count < MostPriorityFields)
                priorityFields.Add(((int)priorityField, (int)(position - priorityField)));
            priorityField = -1;
        }
        if (blindCopy < 0)
            return;
        blindCopies ??= [];
        var (offset, length) = ((int)blindCopy, (int)(position - blindCopy));
        blindCopy = -1;
        if (blindCopies is [.., var last] && last.Offset + last.Length == offset)
            blindCopies[^1] = (last.Offset, last.Length + length);
        else if (blindCopies.Count < MostBlindCopies)
            blindCopies.Add((offset, length));
        else
            HasMoreBlindCopies = true;
    }

    private static bool IsName(ReadOnlySpan<byte> seen, ReadOnlySpan<byte> wanted) =>
        Ascii.EqualsIgnoreCase(seen, wanted);

    // RFC 5322 §3.6.8 ftext, and RFC 6532 leaves it as it is.
    private static bool IsNameOctet(byte octet) => octet is > 32 and < 127 and not (byte)':';

    [InlineArray(NoticedName)]
    private struct NameBuffer
    {
        private byte first;
    }
}
