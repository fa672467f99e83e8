using FsCheck;
using FsCheck.Fluent;
using Postrider.Smtp.Content;

namespace Postrider.Tests.Smtp.Content;

public sealed class ContentScannerTests
{
    [Theory]
    [InlineData(".\r\n", "", 3)]
    [InlineData("a\r\n.\r\nNOOP\r\n", "a\r\n", 6)]
    [InlineData("\r\n.\r\n", "\r\n", 5)]
    [InlineData("..\r\n.\r\n", ".\r\n", 7)]
    [InlineData(".a\r\n.\r\n", "a\r\n", 7)]
    [InlineData("a\r\n..\r\n.\r\n", "a\r\n.\r\n", 10)]
    [InlineData("\n.\n\r.\r\n.\n\r\n.\r\r\n.\r\n", "\n.\n\r.\r\n\n\r\n\r\r\n", 18)]
    public void The_end_is_a_dot_alone_between_two_line_ends(string input, string content, int consumed)
    {
        var (got, _, taken) = Scan(System.Text.Encoding.Latin1.GetBytes(input), _ => int.MaxValue);
        Assert.Equal(content, System.Text.Encoding.Latin1.GetString(got));
        Assert.Equal(consumed, taken);
    }

    [Theory]
    [InlineData("a.b\r\n", 3, 0)]
    [InlineData("\r\nabc\r\n", 3, 2)]
    [InlineData("A: b\r\n\r\nlonger body\r\n", 11, 8)]
    [InlineData("..abc\r\n\r\n", 4, 8)]
    [InlineData("....\r\n..\r\n", 3, 0)]
    public void Longest_line_and_header_are_measured_without_stuffed_dots(string input, long longest, long header)
    {
        var (_, facts, _) = Scan(System.Text.Encoding.Latin1.GetBytes(input + ".\r\n"), _ => int.MaxValue);
        Assert.Equal(longest, facts.LongestLine);
        Assert.Equal(header, facts.HeaderLength);
    }

    [Fact]
    public void Every_short_sequence_of_line_ends_and_dots_is_read_as_the_plain_scanner_reads_it()
    {
        ReadOnlySpan<byte> alphabet = "\r\n.x"u8;
        var input = new byte[8];
        for (var length = 1; length <= input.Length; length++)
        {
            for (var n = 0; n < 1 << (2 * length); n++)
            {
                for (var i = 0; i < length; i++)
                    input[i] = alphabet[n >> (2 * i) & 3];
                var octets = input[..length];
                AssertAgree(octets, _ => int.MaxValue);
                AssertAgree(octets, _ => 1);
            }
        }
    }

    // The blocks of 64 octets begin anywhere in such a sequence.
    [Fact]
    public void Every_short_sequence_across_the_border_of_two_blocks_is_read_as_the_plain_scanner_reads_it()
    {
        ReadOnlySpan<byte> alphabet = "\r\n.x"u8;
        for (var before = 57; before <= 66; before++)
        {
            var octets = new byte[before + 6 + 5];
            octets.AsSpan(0, before).Fill((byte)'y');
            ".\r\nzz"u8.CopyTo(octets.AsSpan(before + 6));
            for (var n = 0; n < 1 << 12; n++)
            {
                for (var i = 0; i < 6; i++)
                    octets[before + i] = alphabet[n >> (2 * i) & 3];
                AssertAgree(octets, _ => int.MaxValue);
                AssertAgree(octets, _ => 64);
            }
        }
    }

    [Fact]
    public void Any_content_cut_anywhere_is_read_as_the_plain_scanner_reads_it()
    {
        var octet = Gen.Frequency(
            (6, Gen.Elements((byte)'\r', (byte)'\n', (byte)'.')), (4, Gen.Constant((byte)'x')), (1, Gen.Elements((byte)0, (byte)0x80, (byte)0xff)));
        var piece = Gen.Frequency(
            (4, Gen.ArrayOf(octet)),
            (2, Gen.Constant("\r\n."u8.ToArray())),
            (2, Gen.Constant("\r\n"u8.ToArray())),
            (1, Gen.Constant("\r\n\r\n"u8.ToArray())),
            (2, Gen.Choose(1, 150).Select(count => Enumerable.Repeat((byte)'y', count).ToArray())));
        var input = Gen.ListOf(piece).Select(pieces => pieces.SelectMany(p => p).ToArray());
        var cuts = Gen.NonEmptyListOf(Gen.Frequency((1, Gen.Choose(1, 4)), (1, Gen.Choose(1, 200)))).Select(list => list.ToArray());
        Prop.ForAll(input.Zip(cuts).ToArbitrary(), drawn =>
        {
            var (octets, lengths) = drawn;
            AssertAgree(octets, call => lengths[call % lengths.Length]);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Fact]
    public void Counted_content_cut_anywhere_is_measured_as_plainly_as_can_be()
    {
        var octet = Gen.Frequency(
            (4, Gen.Elements((byte)'\r', (byte)'\n', (byte)'.')), (4, Gen.Constant((byte)'x')), (1, Gen.Elements((byte)0, (byte)0x80, (byte)0xff)));
        var piece = Gen.Frequency(
            (3, Gen.ArrayOf(octet)), (3, Gen.Constant("\r\n"u8.ToArray())), (1, Gen.Constant("\r\n\r\n"u8.ToArray())), (2, Gen.Choose(1, 150).Select(count => Enumerable.Repeat((byte)'y', count).ToArray())));
        var input = Gen.ListOf(piece).Select(pieces => pieces.SelectMany(p => p).ToArray());
        var cuts = Gen.NonEmptyListOf(Gen.Frequency((1, Gen.Choose(1, 4)), (1, Gen.Choose(1, 200)))).Select(list => list.ToArray());
        Prop.ForAll(input.Zip(cuts).ToArbitrary(), drawn =>
        {
            var (octets, lengths) = drawn;
            var scanner = new ContentScanner();
            for (int at = 0, call = 0; at < octets.Length; call++)
            {
                var length = Math.Min(lengths[call % lengths.Length], octets.Length - at);
                scanner.Measure(octets.AsSpan(at, length));
                at += length;
            }
            scanner.End();
            var text = System.Text.Encoding.Latin1.GetString(octets);
            var lines = text.Split("\r\n");
            var empty = Array.FindIndex(lines, 0, lines.Length - 1, line => line.Length == 0);
            var header = empty < 0 ? 0 : lines.Take(empty + 1).Sum(line => line.Length + 2);
            var bare = text.Replace("\r\n", "\0\0", StringComparison.Ordinal);
            Assert.Equal(
                new ContentFacts(octets.Length, lines.Max(line => line.Length), text.Any(c => c > 127), bare.Contains('\r', StringComparison.Ordinal), bare.Contains('\n', StringComparison.Ordinal), text.Contains('\0', StringComparison.Ordinal)) { HeaderLength = header },
                scanner.Facts);
            Assert.Equal(bare[..(empty < 0 ? bare.Length : header)].AsSpan().ContainsAny('\r', '\n'), scanner.HasBareInHeader);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void A_scanner_starts_anew_for_each_message()
    {
        var scanner = new ContentScanner();
        var first = "a\r\0\x80\n\r\n.\r\n"u8.ToArray();
        while (!scanner.Scan(first, out _, out var consumed))
            first = first[consumed..];
        Assert.True(scanner.Facts is { HasBareCr: true, HasBareLf: true, HasNul: true, HasEightBit: true });
        scanner.Reset();
        Assert.Equal(default, scanner.Facts);
        Assert.True(scanner.Scan(".\r\n"u8.ToArray(), out _, out _));
    }

    private static void AssertAgree(byte[] octets, Func<int, int> cut)
    {
        var reference = new ReferenceScanner();
        var end = 0;
        while (end < octets.Length && reference.Take(octets[end]))
            end++;
        var (content, facts, consumed) = Scan(octets, cut);

        Assert.Equal(reference.IsEnded ? end : consumed, consumed);
        Assert.True(content.AsSpan().SequenceEqual(reference.Content), Convert.ToHexString(octets));
        if (reference.IsEnded)
            Assert.Equal(reference.Facts, facts);
        else
            Assert.InRange(octets.Length - consumed, 0, 2);
    }

    // Gives the input piece by piece, each copied to where the scanner may write; what it leaves comes again.
    private static (byte[] Content, ContentFacts Facts, int Consumed) Scan(byte[] octets, Func<int, int> cut)
    {
        var scanner = new ContentScanner();
        var content = new List<byte>();
        var (start, end, calls) = (0, 0, 0);
        while (end < octets.Length)
        {
            end = (int)Math.Min(octets.Length, end + (long)cut(calls++));
            while (true)
            {
                var piece = octets[start..end];
                var ended = scanner.Scan(piece, out var length, out var consumed);
                content.AddRange(piece.AsSpan(0, length));
                start += consumed;
                if (ended)
                    return ([.. content], scanner.Facts, start);
                if (consumed == 0)
                    break;
            }
        }
        return ([.. content], scanner.Facts, start);
    }
}
