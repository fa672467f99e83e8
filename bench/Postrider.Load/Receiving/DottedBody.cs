using Postrider.Load.Accounting;
using Postrider.Load.Content;

namespace Postrider.Load.Receiving;

/// <summary>
/// Takes a message after DATA from whatever pieces it comes in: keeps its header, takes the stuffed
/// dots out of its body and sums that up, and finds the end.
/// </summary>
internal sealed class DottedBody
{
    private const int LongestHeader = 64 * 1024;

    private readonly byte[] header = new byte[LongestHeader];
    private int headerLength;
    private bool isInHeader;
    private bool isAtLineStart;
    private Checksum checksum;
    private long length;

    /// <summary>Gets ready for a message.</summary>
    public void Begin()
    {
        headerLength = 0;
        isInHeader = isAtLineStart = true;
        checksum = new Checksum();
        length = 0;
    }

    /// <summary>Notes the message, which has ended, for one of its recipients.</summary>
    public void Note(ArrivalLedger arrivals, int address) =>
        arrivals.Note(header.AsSpan(0, headerLength), length, checksum.Value, address, static () => "sink");

    /// <summary>Takes octets; what it cannot decide yet is not consumed.</summary>
    /// <param name="input">What was read and not yet consumed.</param>
    /// <param name="isComplete">Whether the end of data was found.</param>
    /// <returns>Octets consumed.</returns>
    public int Take(ReadOnlySpan<byte> input, out bool isComplete)
    {
        isComplete = false;
        var position = 0;
        while (true)
        {
            var rest = input[position..];
            if (isAtLineStart && !rest.IsEmpty && rest[0] == (byte)'.')
            {
                if (rest.Length < 3)
                    return position;
                if (rest.StartsWith(".\r\n"u8))
                {
                    isComplete = true;
                    return position + 3;
                }
                rest = rest[1..];
                position++;
            }
            var dot = rest.IndexOf("\r\n."u8);
            var take = dot >= 0 ? dot + 2 : rest.Length - Undecided(rest);
            if (take == 0)
                return position;
            Add(rest[..take]);
            position += take;
            isAtLineStart = dot >= 0 || rest[..take].EndsWith("\r\n"u8);
            if (dot < 0)
                return position;
        }
    }

    // A line end, or half of one, behind which the rest of it or a dot may come.
    private static int Undecided(ReadOnlySpan<byte> rest) => rest[^Math.Min(rest.Length, 1)..].SequenceEqual("\r"u8) ? 1 : 0;

    private void Add(ReadOnlySpan<byte> octets)
    {
        if (isInHeader)
        {
            var room = Math.Min(octets.Length, header.Length - headerLength);
            var from = Math.Max(headerLength - 3, 0);
            octets[..room].CopyTo(header.AsSpan(headerLength));
            headerLength += room;
            var end = header.AsSpan(from, headerLength - from).IndexOf("\r\n\r\n"u8);
            if (end < 0)
                return;
            var surplus = headerLength - (from + end + 4);
            headerLength = from + end + 2;
            isInHeader = false;
            octets = octets[(room - surplus)..];
        }
        checksum.Add(octets);
        length += octets.Length;
    }
}
