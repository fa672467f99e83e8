using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postrider.Smtp.Content;

/// <summary>
/// Scans content in blocks of 64 octets and records what it is like. Of DATA (RFC 5321 §4.5.2) it finds the
/// end, and takes out stuffed dots in place: the end is CR LF dot CR LF and nothing that resembles it; a bare
/// CR or bare LF is recorded and ends no line. Content that is counted (RFC 3030 §2) it measures by the same rules.
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
    private bool bareInHeader;
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

    /// <summary>Either of them stands in the header section.</summary>
    public bool HasBareInHeader => bareInHeader;

    /// <summary>A NUL has been seen.</summary>
    public bool HasNul => nul;

    /// <summary>Begins anew.</summary>
    public void Reset()
    {
        afterCr = highBits = bareCr = bareLf = bareInHeader = nul = false;
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

        var removed = 0;          // stuffed dots so far
        var kept = 0;             // where the next octet kept goes
        var segment = 0;          // first octet kept that has not been moved yet
        var line = -lineLength;   // where the line began
        var position = 0;
        var stopped = false;
        while (position < input.Length && !stopped)
        {
            var count = Math.Min(Block, input.Length - position);
            ReadMasks(input.Slice(position, count), out var masks);
            var afterCrMask = (masks.Cr << 1) | (afterCr ? 1UL : 0);
            var starts = ((masks.Lf & afterCrMask) << 1) | (atLineStart ? 1UL : 0);
            var dots = masks.Dot & starts;
            var wanted = dots;
            while (wanted != 0)
            {
                var at = position + BitOperations.TrailingZeroCount(wanted);
                if (IsEndOrUndecided(input[at..]))
                {
                    stopped = true;
                    count = at - position;
                    masks.Limit(count);
                    dots &= (1UL << count) - 1;
                    break;
                }
                if (kept != segment)
                    input[segment..at].CopyTo(input[kept..]);
                kept += at - segment;
                segment = at + 1;
                wanted &= wanted - 1;
            }

            if (count > 0)
            {
                Record(masks, afterCrMask, count, dots, position, removed, ref line);
                removed += BitOperations.PopCount(dots);
                position += count;
            }
        }

        if (kept != segment)
            input[segment..position].CopyTo(input[kept..]);
        content = kept + position - segment;
        consumed = position;
        length += content;
        lineLength = position - line;
        return false;
    }

    /// <summary>Goes through content that is counted: all of it is content, and stays as it is.</summary>
    public void Measure(ReadOnlySpan<byte> content)
    {
        var line = -lineLength;
        for (var position = 0; position < content.Length;)
        {
            var count = Math.Min(Block, content.Length - position);
            ReadMasks(content.Slice(position, count), out var masks);
            Record(masks, (masks.Cr << 1) | (afterCr ? 1UL : 0), count, dots: 0, position, removed: 0, ref line);
            position += count;
        }
        length += content.Length;
        lineLength = content.Length - line;
    }

    /// <summary>Counted content has come to its end, which may be in the middle of a line.</summary>
    public void End()
    {
        bareCr |= afterCr;
        bareInHeader |= afterCr && headerLength < 0;
        longestLine = Math.Max(longestLine, lineLength);
    }

    // A dot that begins a line: the end of data, or too little to say. Any other is a stuffed dot, RFC 5321 §4.5.2.
    private static bool IsEndOrUndecided(ReadOnlySpan<byte> fromDot) =>
        fromDot.Length == 1 || (fromDot[1] == '\r' && (fromDot.Length == 2 || fromDot[2] == '\n'));

    private void Record(in Masks masks, ulong afterCrMask, int count, ulong dots, int position, int removed, ref long line)
    {
        var valid = count == Block ? ulong.MaxValue : (1UL << count) - 1;
        var ends = masks.Lf & afterCrMask;
        var bareLfs = masks.Lf & ~afterCrMask;
        var bareCrs = afterCrMask & valid & ~masks.Lf;
        bareLf |= bareLfs != 0;
        bareCr |= bareCrs != 0;
        var bareUpToHeader = headerLength < 0 ? bareLfs | bareCrs : 0;
        highBits |= masks.High != 0;
        nul |= masks.Nul != 0;
        if ((dots & 1) != 0)
            line++;
        for (var left = ends; left != 0; left &= left - 1)
        {
            var bit = BitOperations.TrailingZeroCount(left);
            var lineOctets = position + bit - 1 - line;
            if (lineOctets > longestLine)
                longestLine = lineOctets;
            if (lineOctets == 0 && headerLength < 0)
            {
                bareUpToHeader &= (1UL << bit) - 1;
                headerLength = length + position + bit + 1 - removed - BitOperations.PopCount(dots & ((1UL << bit) - 1));
            }
            // The stuffed dot at the start of the next line is no part of it.
            line = position + bit + 1 + (bit < Block - 1 && (dots & (2UL << bit)) != 0 ? 1 : 0);
        }
        bareInHeader |= bareUpToHeader != 0;
        afterCr = (masks.Cr >> (count - 1) & 1) != 0;
        atLineStart = (ends >> (count - 1) & 1) != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReadMasks(ReadOnlySpan<byte> block, out Masks masks)
    {
        if (block.Length == Block)
        {
            Masks.Read(ref MemoryMarshal.GetReference(block), out masks);
            return;
        }
        Span<byte> padded = stackalloc byte[Block];
        padded.Fill((byte)'x');
        block.CopyTo(padded);
        Masks.Read(ref MemoryMarshal.GetReference(padded), out masks);
    }

    /// <summary>Where the octets that matter are in a block, one bit each.</summary>
    private struct Masks
    {
        public ulong Cr;
        public ulong Lf;
        public ulong Dot;
        public ulong Nul;
        public ulong High;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Read(ref byte block, out Masks masks)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                var octets = Vector512.LoadUnsafe(ref block);
                masks.Cr = Vector512.Equals(octets, Vector512.Create((byte)'\r')).ExtractMostSignificantBits();
                masks.Lf = Vector512.Equals(octets, Vector512.Create((byte)'\n')).ExtractMostSignificantBits();
                masks.Dot = Vector512.Equals(octets, Vector512.Create((byte)'.')).ExtractMostSignificantBits();
                masks.Nul = Vector512.Equals(octets, Vector512<byte>.Zero).ExtractMostSignificantBits();
                masks.High = octets.ExtractMostSignificantBits();
                return;
            }
            masks = default;
            if (Vector256.IsHardwareAccelerated)
            {
                for (var at = 0; at < Block; at += Vector256<byte>.Count)
                {
                    var octets = Vector256.LoadUnsafe(ref block, (nuint)at);
                    masks.Cr |= (ulong)Vector256.Equals(octets, Vector256.Create((byte)'\r')).ExtractMostSignificantBits() << at;
                    masks.Lf |= (ulong)Vector256.Equals(octets, Vector256.Create((byte)'\n')).ExtractMostSignificantBits() << at;
                    masks.Dot |= (ulong)Vector256.Equals(octets, Vector256.Create((byte)'.')).ExtractMostSignificantBits() << at;
                    masks.Nul |= (ulong)Vector256.Equals(octets, Vector256<byte>.Zero).ExtractMostSignificantBits() << at;
                    masks.High |= (ulong)octets.ExtractMostSignificantBits() << at;
                }
                return;
            }
            // Vector128 is there on every processor, in software where it must be.
            for (var at = 0; at < Block; at += Vector128<byte>.Count)
            {
                var octets = Vector128.LoadUnsafe(ref block, (nuint)at);
                masks.Cr |= (ulong)Vector128.Equals(octets, Vector128.Create((byte)'\r')).ExtractMostSignificantBits() << at;
                masks.Lf |= (ulong)Vector128.Equals(octets, Vector128.Create((byte)'\n')).ExtractMostSignificantBits() << at;
                masks.Dot |= (ulong)Vector128.Equals(octets, Vector128.Create((byte)'.')).ExtractMostSignificantBits() << at;
                masks.Nul |= (ulong)Vector128.Equals(octets, Vector128<byte>.Zero).ExtractMostSignificantBits() << at;
                masks.High |= (ulong)octets.ExtractMostSignificantBits() << at;
            }
        }

        /// <summary>Forgets what lies behind the first octets.</summary>
        public void Limit(int count)
        {
            var valid = (1UL << count) - 1;
            Cr &= valid;
            Lf &= valid;
            Nul &= valid;
            High &= valid;
        }
    }
}
