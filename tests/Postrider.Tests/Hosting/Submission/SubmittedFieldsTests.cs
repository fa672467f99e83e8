using System.Text;
using Postrider.Hosting.Submission;
using Postrider.Mime.Headers;

namespace Postrider.Tests.Hosting.Submission;

public sealed class SubmittedFieldsTests
{
    private const string Date = "Date: Sat, 21 Nov 2026 21:58:28 +0000\r\n";
    private const string Id = "Message-ID: <1795298308000.0000400000001@mx.example.org>\r\n";

    [Theory]
    [InlineData("Date: d\r\nMessage-ID: <i@x>\r\nTo: a\r\n\r\nBcc: body\r\n", "Date: d\r\nMessage-ID: <i@x>\r\nTo: a\r\n\r\nBcc: body\r\n")]
    [InlineData("To: a\r\n\r\nbody\r\n", Date + Id + "To: a\r\n\r\nbody\r\n")]
    [InlineData("date: d\r\nTo: a\r\n\r\nbody\r\n", Id + "date: d\r\nTo: a\r\n\r\nbody\r\n")]
    [InlineData("MESSAGE-ID: <i@x>\r\nTo: a\r\n\r\nbody\r\n", Date + "MESSAGE-ID: <i@x>\r\nTo: a\r\n\r\nbody\r\n")]
    [InlineData("Bcc: b\r\nDate: d\r\nMessage-ID: <i@x>\r\n\r\nbody\r\n", "Date: d\r\nMessage-ID: <i@x>\r\n\r\nbody\r\n")]
    [InlineData("Bcc: b\r\n\r\nbody\r\n", Date + Id + "\r\nbody\r\n")]
    [InlineData("Date: d\r\nBCC : b,\r\n\tc\r\n d\r\nbcc:\r\nMessage-ID: <i@x>\r\nResent-Bcc: e\r\n\r\nbody\r\n", "Date: d\r\nMessage-ID: <i@x>\r\n\r\nbody\r\n")]
    [InlineData("Date: d\r\nMessage-ID: <i@x>\r\nX-Bcc: b\r\nBccs: c\r\n\r\nbody\r\n", "Date: d\r\nMessage-ID: <i@x>\r\nX-Bcc: b\r\nBccs: c\r\n\r\nbody\r\n")]
    [InlineData("Date: d\r\nMessage-ID: <i@x>\r\nBcc: b\r\n", "Date: d\r\nMessage-ID: <i@x>\r\n")]
    [InlineData("Date: d\r\nMessage-ID: <i@x>\r\nBcc: b\r\nnot a field\r\n", "Date: d\r\nMessage-ID: <i@x>\r\nnot a field\r\n")]
    public void A_message_gets_what_it_lacks_and_loses_its_blind_copies(string before, string after)
    {
        foreach (var cut in Enumerable.Range(1, before.Length))
            Assert.Equal(after, Mend(before, cut));
    }

    [Fact]
    public void Blind_copies_are_bounded()
    {
        var header = new HeaderScanner();
        header.Advance(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("Bcc: a\r\nTo: b\r\n", HeaderScanner.MostBlindCopies)) + "\r\n"));
        Assert.False(header.HasMoreBlindCopies);
        header.Reset();
        Assert.Empty(header.BlindCopies);
        header.Advance(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("Bcc: a\r\nTo: b\r\n", HeaderScanner.MostBlindCopies + 1)) + "\r\n"));
        Assert.True(header.HasMoreBlindCopies);
        Assert.Equal(HeaderScanner.MostBlindCopies, header.BlindCopies.Count);
    }

    private static string Mend(string message, int cut)
    {
        var header = new HeaderScanner();
        var octets = Encoding.ASCII.GetBytes(message);
        for (var at = 0; at < octets.Length && !header.Advance(octets.AsSpan(at, Math.Min(cut, octets.Length - at))); at += cut)
        {
        }
        header.End();
        var edits = SubmittedFields.Mend(header, "0000400000001", "mx.example.org", new DateTimeOffset(2026, 11, 21, 21, 58, 28, TimeSpan.Zero));
        var mended = new StringBuilder();
        var position = 0;
        foreach (var edit in edits.Edits)
        {
            mended.Append(message[position..edit.Offset]).Append(Encoding.UTF8.GetString(edit.Insert.Span));
            position = edit.Offset + edit.Drop;
        }
        return mended.Append(message[position..]).ToString();
    }
}
