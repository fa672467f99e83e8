using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postrider.Smtp.Content;

/// <summary>
/// Scans the content of DATA (RFC 5321 §4.5.2) in blocks of 64 octets: finds the end of data, takes out
/// stuffed dots in place and records what the content is like. The end is CR LF dot CR LF and nothing
/// that resembles it; a bare CR or bare LF is recorded and ends no line.
/// </summary>
/// <remarks>
/// Works on masks with one bit for each octet of a block. What a block has to know of the one before is
/// two bits: whether it ended with CR, and whether it ended with a whole line.
/// </remarks>
internal sealed class ContentScanner
{
    private const int Block = 64;

    private bool afterCr;
    private bool atLineStart = true;
    private bool highBits;
    private bool bareCr;
    private bool bareLf;
    private bool nul;
    private long length;
    private long longestLine;
    private long lineLength;
    private long headerLength = -1;

    /// <summary>What has been found so far.</summary>
    public ContentFacts Facts => new(length, longestLine, highBits, bareCr, bareLf, nul) { HeaderLength = Math.Max(headerLength, 0) };

    /// <summary>Octets of content so far.</summary>
    public long Length => length;

    /// <summary>Octets of the header section so far, its empty line counted once it has come.</summary>
    public long HeaderLength => headerLength < 0 ? length : headerLength;

    /// <summary>A line was not ended as RFC 5321 §2.3.8 wants.</summary>
    public bool HasBareCr => bareCr;

    /// <summary>A line was not begun as RFC 5321 §2.3.8 wants.</summary>
    public bool HasBareLf => bareLf;

    /// <summary>A NUL has been seen.</summary>
    public bool HasNul => nul;

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        afterCr = highBits = bareCr = bareLf = nul = false;
        atLineStart = true;
        length = longestLine = lineLength = 0;
        headerLength = -1;
    }

    /// <summary>Goes through the input as far as can be decided.</summary>
    /// <param name="input">What came; the content is compacted to its start.</param>
    /// <param name="content">Octets of content at the start of the input.</param>
    /// <param name="consumed">Octets done with. A dot that may be the end is left until more is known.</param>
    /// <returns>
    /// Whether the end of data was consumed, which happens only in a call that gives no content: with
    /// content before it, it is left for the next.
    /// </returns>
    public bool Scan(Span<byte> input, out int content, out int consumed)
    {
        if (atLineStart && input.StartsWith(".\r\n"u8))
        {
            content = 0;
            consumed = 3;
            return true;
        }

        var position = 0;
        var kept = 0;             // where the next octet kept goes
        var segment = 0;          // first octet kept that has not been moved yet
        var removed = 0;          // stuffed dots so far
        var line = -lineLength;   // where the line began
        var longest = longestLine;
        ulong crBefore = afterCr ? 1UL : 0, lineBefore = atLineStart ? 1UL : 0;
        ulong bareLfs = 0, bareCrs = 0, highs = 0, nuls = 0;
        while (position < input.Length)
        {
            ReadMasks(input, position, out var count, out var cr, out var lf, out var dot, out var zero, out var high);
            var valid = count == Block ? ulong.MaxValue : (1UL << count) - 1;
            var afterCrs = (cr << 1) | crBefore;
            var dots = dot & (((lf & afterCrs) << 1) | lineBefore);
            for (var left = dots; left != 0; left &= left - 1)
            {
                var at = position + BitOperations.TrailingZeroCount(left);
                if (IsEndOrUndecided(input[at..]))
                {
                    count = at - position;
                    valid = (1UL << count) - 1;
                    break;
                }
                if (kept != segment)
                    input[segment..at].CopyTo(input[kept..]);
                kept += at - segment;
                segment = at + 1;
            }
            if (count == 0)
                break;

            lf &= valid;
            dots &= valid;
            var ends = lf & afterCrs;
            bareLfs |= lf & ~afterCrs;
            bareCrs |= afterCrs & valid & ~lf;
            highs |= high & valid;
            nuls |= zero & valid;
            // A stuffed dot at the start of a line is no part of it.
            line += (long)(dots & 1);
            for (var left = ends; left != 0; left &= left - 1)
            {
                var bit = BitOperations.TrailingZeroCount(left);
                var octets = position + bit - 1 - line;
                if (octets > longest)
                    longest = octets;
                if (octets == 0 && headerLength < 0)
                    headerLength = length + position + bit + 1 - removed - BitOperations.PopCount(dots & ((1UL << bit) - 1));
                line = position + bit + 1 + (long)((dots >> 1 >> bit) & 1);
            }
            crBefore = (cr >> (count - 1)) & 1;
            lineBefore = (ends >> (count - 1)) & 1;
            removed += BitOperations.PopCount(dots);
            position += count;
            if (count < Block)
                break;
        }

        if (kept != segment)
            input[segment..position].CopyTo(input[kept..]);
        content = kept + position - segment;
        consumed = position;
        length += content;
        lineLength = position - line;
        longestLine = longest;
        afterCr = crBefore != 0;
        atLineStart = lineBefore != 0;
        bareLf |= bareLfs != 0;
        bareCr |= bareCrs != 0;
        highBits |= highs != 0;
        nul |= nuls != 0;
        return false;
    }

    // A dot that begins a line: the end of data, or too little to say. Any other is a stuffed dot, RFC 5321 §4.5.2.
    private static bool IsEndOrUndecided(ReadOnlySpan<byte> fromDot) =>
        fromDot.Length == 1 || (fromDot[1] == '\r' && (fromDot.Length == 2 || fromDot[2] == '\n'));

    // One bit for each octet of the block that begins at the position.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadMasks(
        ReadOnlySpan<byte> input, int position, out int count, out ulong cr, out ulong lf, out ulong dot, out ulong nul, out ulong high)
    {
        if (input.Length - position >= Block)
        {
            count = Block;
            ReadMasks(ref Unsafe.Add(ref MemoryMarshal.GetReference(input), position), out cr, out lf, out dot, out nul, out high);
            return;
        }
        count = input.Length - position;
        ReadLastMasks(input[position..], out cr, out lf, out dot, out nul, out high);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReadLastMasks(ReadOnlySpan<byte> octets, out ulong cr, out ulong lf, out ulong dot, out ulong nul, out ulong high)
    {
        Span<byte> padded = stackalloc byte[Block];
        padded[octets.Length..].Fill((byte)'x');
        octets.CopyTo(padded);
        ReadMasks(ref MemoryMarshal.GetReference(padded), out cr, out lf, out dot, out nul, out high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadMasks(ref byte block, out ulong cr, out ulong lf, out ulong dot, out ulong nul, out ulong high)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            var octets = Vector512.LoadUnsafe(ref block);
            cr = Vector512.Equals(octets, Vector512.Create((byte)'\r')).ExtractMostSignificantBits();
            lf = Vector512.Equals(octets, Vector512.Create((byte)'\n')).ExtractMostSignificantBits();
            dot = Vector512.Equals(octets, Vector512.Create((byte)'.')).ExtractMostSignificantBits();
            nul = Vector512.Equals(octets, Vector512<byte>.Zero).ExtractMostSignificantBits();
            high = octets.ExtractMostSignificantBits();
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            var (low, top) = (Vector256.LoadUnsafe(ref block), Vector256.LoadUnsafe(ref block, 32));
            cr = Join(Vector256.Equals(low, Vector256.Create((byte)'\r')), Vector256.Equals(top, Vector256.Create((byte)'\r')));
            lf = Join(Vector256.Equals(low, Vector256.Create((byte)'\n')), Vector256.Equals(top, Vector256.Create((byte)'\n')));
            dot = Join(Vector256.Equals(low, Vector256.Create((byte)'.')), Vector256.Equals(top, Vector256.Create((byte)'.')));
            nul = Join(Vector256.Equals(low, Vector256<byte>.Zero), Vector256.Equals(top, Vector256<byte>.Zero));
            high = Join(low, top);
        }
        else
        {
            // Vector128 is there on every processor, in software where it must be.
            cr = lf = dot = nul = high = 0;
            for (var at = 0; at < Block; at += Vector128<byte>.Count)
            {
                var octets = Vector128.LoadUnsafe(ref block, (nuint)at);
                cr |= (ulong)Vector128.Equals(octets, Vector128.Create((byte)'\r')).ExtractMostSignificantBits() << at;
                lf |= (ulong)Vector128.Equals(octets, Vector128.Create((byte)'\n')).ExtractMostSignificantBits() << at;
                dot |= (ulong)Vector128.Equals(octets, Vector128.Create((byte)'.')).ExtractMostSignificantBits() << at;
                nul |= (ulong)Vector128.Equals(octets, Vector128<byte>.Zero).ExtractMostSignificantBits() << at;
                high |= (ulong)octets.ExtractMostSignificantBits() << at;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Join(Vector256<byte> low, Vector256<byte> top) =>
        low.ExtractMostSignificantBits() | ((ulong)top.ExtractMostSignificantBits() << 32);
}
