using System.Text;
using Postrider.Mime.Headers;

namespace Postrider.Tests.Mime.Headers;

public sealed class HeaderScannerTests
{
    [Theory]
    [InlineData("MT-Priority: 3\r\n\r\n", 3, "0+16")]
    [InlineData("mt-priority:-9 \r\n\r\n", -9, "0+17")]
    [InlineData("From: a\nMT-Priority :\t0\nTo: b\n\n", 0, "8+16")]
    [InlineData("MT-Priority: 10\r\n\r\n", null, "0+17")]
    [InlineData("MT-Priority: - 3\r\n\r\n", null, "0+18")]
    [InlineData("MT-Priority: 3 (urgent)\r\n\r\n", null, "0+25")]
    [InlineData("MT-Priority:\r\n 3\r\n\r\n", null, "0+18")]
    [InlineData("MT-Priority: 3\r\nMT-Priority: 3\r\n\r\n", null, "0+16 16+16")]
    [InlineData("X-MT-Priority: 3\r\nMT-Prioritys: 3\r\n\r\nMT-Priority: 3\r\n", null, "")]
    public void A_priority_is_a_number_alone_in_its_only_field(string text, int? priority, string places)
    {
        var octets = Encoding.ASCII.GetBytes(text);
        for (var size = 1; size <= octets.Length; size++)
        {
            var scanner = new HeaderScanner();
            foreach (var slice in octets.Chunk(size))
                scanner.Advance(slice);
            scanner.End();
            Assert.Equal((sbyte?)priority, scanner.Priority);
            Assert.Equal(places, string.Join(' ', scanner.PriorityFields.Select(field => $"{field.Offset}+{field.Length}")));
        }
    }

    private const HeaderFields All = HeaderFields.Date | HeaderFields.From | HeaderFields.MessageId;

    public static TheoryData<string, int, bool, int, HeaderFields> Blocks() => new()
    {
        { "Date: x\r\nFrom: y\r\nMessage-ID: <z>\r\n\r\nbody: no field\r\n", 37, true, 0, All },
        { "RECEIVED: a\r\n\tb\r\nreceived : c\r\nX: Received: no\r\n\r\n", 50, true, 2, HeaderFields.None },
        { "Received: a\r\n Date: folded\r\n\r\n", 30, true, 1, HeaderFields.None },
        { "Dates: x\r\nFromm: y\r\nMessage-IDs: z\r\nMessage-I: z\r\n\r\n", 52, true, 0, HeaderFields.None },
        { "X-A-Very-Long-Name-Indeed-That-Ends-In-From: y\r\n\r\n", 50, true, 0, HeaderFields.None },
        { "\r\nbody\r\n", 2, true, 0, HeaderFields.None },
        { "no header at all\r\nDate: x\r\n", 0, false, 0, HeaderFields.None },
        { "From: a\r\nthis begins the body\r\nDate: x\r\n", 9, false, 0, HeaderFields.From },
        { "From: a\r\nbody\r\n", 9, false, 0, HeaderFields.From },
        { " leading space\r\n", 0, false, 0, HeaderFields.None },
        { "From: a\r\n\rDate: x\r\n", 9, false, 0, HeaderFields.From },
        { "From: a\n\nbody\n", 9, true, 0, HeaderFields.From },
        { "From: a\r\n: no name\r\n", 9, false, 0, HeaderFields.From },
        { "From: a\r\n\u00e9: no name\r\n", 9, false, 0, HeaderFields.From },
        { "From: a\r\nDate: b\r\n", 18, false, 0, HeaderFields.From | HeaderFields.Date },
        { "From: a\r\nDate", 9, false, 0, HeaderFields.From },
        { "TLS-Required: No\r\n\r\n", 20, true, 0, HeaderFields.TlsWaived },
        { "tls-required :\tNO \r\nFrom: a\r\n\r\n", 31, true, 0, HeaderFields.TlsWaived | HeaderFields.From },
        { "TLS-Required:no\n\n", 17, true, 0, HeaderFields.TlsWaived },
        { "TLS-Required: None\r\n\r\n", 22, true, 0, HeaderFields.None },
        { "TLS-Required: N o\r\n\r\n", 21, true, 0, HeaderFields.None },
        { "TLS-Required: Yes\r\n\r\n", 21, true, 0, HeaderFields.None },
        { "TLS-Required: No, yes\r\n\r\n", 25, true, 0, HeaderFields.None },
        { "TLS-Required:\r\n\r\n", 17, true, 0, HeaderFields.None },
        { "TLS-Required: No\r\nTLS-Required: No\r\n\r\n", 38, true, 0, HeaderFields.None },
        { "TLS-Requireds: No\r\n\r\n", 21, true, 0, HeaderFields.None },
        { "TLS-Required: No", 16, false, 0, HeaderFields.None },
        { "\r\nTLS-Required: No\r\n", 2, true, 0, HeaderFields.None },
        { "", 0, false, 0, HeaderFields.None },
    };

    [Theory]
    [MemberData(nameof(Blocks))]
    public void The_end_and_the_fields_are_found_however_the_content_is_cut(string content, int length, bool hasEmptyLine, int received, HeaderFields found)
    {
        var octets = Encoding.UTF8.GetBytes(content);
        var scanner = new HeaderScanner();
        for (var first = 0; first <= octets.Length; first++)
        {
            for (var second = first; second <= octets.Length; second++)
            {
                scanner.Reset();
                _ = scanner.Advance(octets.AsSpan(0, first)) || scanner.Advance(octets.AsSpan(first, second - first)) || scanner.Advance(octets.AsSpan(second));
                scanner.End();
                Assert.Equal(length, scanner.Length);
                Assert.Equal(hasEmptyLine, scanner.HasEmptyLine);
                Assert.Equal(received, scanner.ReceivedCount);
                Assert.Equal(found, scanner.Found);
            }
        }
    }

    [Fact]
    public void Octet_by_octet_it_is_complete_at_the_empty_line_and_not_before()
    {
        var octets = "Subject: x\r\n\r\nmore"u8.ToArray();
        var scanner = new HeaderScanner();
        for (var i = 0; i < 14; i++)
        {
            Assert.False(scanner.IsComplete);
            Assert.Equal(i == 13, scanner.Advance(octets.AsSpan(i, 1)));
        }
        Assert.True(scanner.Advance(octets.AsSpan(14)));
        Assert.Equal(14, scanner.Length);
    }

    [Fact]
    public void An_endless_header_shows_its_length_so_far()
    {
        var scanner = new HeaderScanner();
        var slice = Encoding.ASCII.GetBytes("X: " + new string('x', 10_000));
        Assert.False(scanner.Advance(slice));
        Assert.False(scanner.Advance(slice));
        Assert.Equal(2L * slice.Length, scanner.Length);
    }
}
