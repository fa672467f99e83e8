using System.Text;
using Postrider.Hosting.Submission;
using Postrider.Mime.Headers;

namespace Postrider.Tests.Hosting.Submission;

[Collection(nameof(Alone))]
public sealed class SubmittedFieldsTests
{
    private const string Date = "Date: Sat, 21 Nov 2026 21:58:28 +0000\r\n";
    private const string Id = "Message-ID: <1795298308000.0000400000001@mx.example.org>\r\n";

    [Theory]
    [InlineData("Date: d\r\nMessage-ID: <i@x>\r\nTo: a@x\r\n\r\nBcc: body\r\n", "Date: d\r\nMessage-ID: <i@x>\r\nTo: a@x\r\n\r\nBcc: body\r\n")]
    [InlineData("To: a@x\r\n\r\nbody\r\n", Date + Id + "To: a@x\r\n\r\nbody\r\n")]
    [InlineData("date: d\r\nTo: a@x\r\n\r\nbody\r\n", Id + "date: d\r\nTo: a@x\r\n\r\nbody\r\n")]
    [InlineData("MESSAGE-ID: <i@x>\r\nTo: a@x\r\n\r\nbody\r\n", Date + "MESSAGE-ID: <i@x>\r\nTo: a@x\r\n\r\nbody\r\n")]
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

    [Theory]
    [InlineData("To: jones", "To: jones@example.org")]
    [InlineData("to:jones", "to:jones@example.org")]
    [InlineData("From: Jones <jones>", "From: Jones <jones@example.org>")]
    [InlineData("Sender: <jones>", "Sender: <jones@example.org>")]
    [InlineData("Reply-To: j.o-n+es", "Reply-To: j.o-n+es@example.org")]
    [InlineData("Cc: a, b@x, C <c>,d", "Cc: a@example.org, b@x, C <c@example.org>,d@example.org")]
    [InlineData("Resent-To: a", "Resent-To: a@example.org")]
    [InlineData("Resent-Sender: a", "Resent-Sender: a@example.org")]
    [InlineData("To: a (b, \\) (c) <d>), e", "To: a@example.org (b, \\) (c) <d>), e@example.org")]
    [InlineData("To: a(b)", "To: a@example.org(b)")]
    [InlineData("To: (b) a", "To: (b) a@example.org")]
    [InlineData("To: \"b, c\" <a>", "To: \"b, c\" <a@example.org>")]
    [InlineData("To: \"b \\\" <c>\" <\"a b\">", "To: \"b \\\" <c>\" <\"a b\"@example.org>")]
    [InlineData("To: =?utf-8?q?B=2C_C?= <a>", "To: =?utf-8?q?B=2C_C?= <a@example.org>")]
    [InlineData("To: Bér <ä>", "To: Bér <ä@example.org>")]
    [InlineData("To: team: a, B <b>;", "To: team: a@example.org, B <b@example.org>;")]
    [InlineData("To: team: a;, c", "To: team: a@example.org;, c@example.org")]
    [InlineData("To: a\r\n ,\r\n\tB\r\n <b>", "To: a@example.org\r\n ,\r\n\tB\r\n <b@example.org>")]
    [InlineData("To: a\r\n\t", "To: a@example.org\r\n\t")]
    [InlineData("To:\r\n a", "To:\r\n a@example.org")]
    [InlineData("Cc: a\r\nBcc: b\r\nTo: c", "Cc: a@example.org\r\nTo: c@example.org")]
    public void An_address_without_a_domain_gets_one(string before, string after) => AssertMended(before, after);

    [Theory]
    [InlineData("To: undisclosed-recipients:;")]
    [InlineData("To: undisclosed recipients: ;")]
    [InlineData("To:")]
    [InlineData("To: ,, ,")]
    [InlineData("To: a@x, B <b@x>, \"c d\"@x, e @ x, f@[192.0.2.1], g@[IPv6:::1]")]
    [InlineData("To: <>")]
    [InlineData("To: Jones of Sales")]
    [InlineData("To: \"jones\"")]
    [InlineData("To: =?utf-8?q?Jones?=")]
    [InlineData("To: Jönes")]
    [InlineData("To: <@a,@b:c@x>")]
    [InlineData("To: <@a,@b:c>, d@x")]
    [InlineData("To: host!jones, jones%host")]
    [InlineData("To: .a, b., c..d, e . f")]
    [InlineData("To: \"a, b")]
    [InlineData("To: (a, b")]
    [InlineData("To: <a")]
    [InlineData("To: <a b>")]
    [InlineData("To: a\\b, [a], a]")]
    [InlineData("X-To: a")]
    [InlineData("Subject: a, b <c>")]
    [InlineData("In-Reply-To: a")]
    [InlineData("To: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Whatever_else_stands_in_an_address_field_is_let_be(string field) => AssertMended(field, field);

    [Fact]
    public void A_line_that_would_become_too_long_is_folded_before_the_address()
    {
        var before = "To: " + string.Join(", ", Enumerable.Range(0, 200).Select(static i => $"user{i}"));
        var after = Mend($"Date: d\r\nMessage-ID: <i@x>\r\n{before}\r\n\r\n", 7);
        Assert.All(after.Split("\r\n"), static line => Assert.True(line.Length <= 80, line));
        var expected = "To: " + string.Join(", ", Enumerable.Range(0, 200).Select(static i => $"user{i}@example.org"));
        Assert.Contains(expected, after.Replace("\r\n ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_without_a_domain_are_bounded()
    {
        var header = new HeaderScanner { FindsBareAddresses = true };
        header.Advance(Encoding.ASCII.GetBytes($"To: {string.Join(',', Enumerable.Repeat("a", HeaderScanner.MostBareAddresses))}\r\n\r\n"));
        Assert.False(header.HasMoreBareAddresses);
        Assert.Equal(HeaderScanner.MostBareAddresses, header.BareAddresses.Count);
        header.Reset();
        Assert.Empty(header.BareAddresses);
        header.Advance(Encoding.ASCII.GetBytes($"To: {string.Join(',', Enumerable.Repeat("a", HeaderScanner.MostBareAddresses + 1))}\r\n\r\n"));
        Assert.True(header.HasMoreBareAddresses);
        Assert.Equal(HeaderScanner.MostBareAddresses, header.BareAddresses.Count);
    }

    [Fact]
    public void Any_field_is_borne_and_has_all_its_domains_after_that()
    {
        string[] pieces = [.. Enumerable.Repeat("a", 8), .. Enumerable.Repeat(", ", 8), .. Enumerable.Repeat("D <a>", 4), "b.c", ".", ",", ";", ":", "<", ">", "@", "@x", "\"", "\\", "(", ")", "[", "]", " ", "\t", "\r\n ", "=?utf-8?q?d?=", "é", "\0", "!", "%", "\r\nTo: ", "\r\nBcc: ", "\r\nX: "];
        var found = 0;
        Fuzzing.Repeat(random =>
        {
            var field = "From: " + string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => pieces[random.Next(pieces.Length)]));
            var message = $"Date: d\r\nMessage-ID: <i@x>\r\n{field}\r\n\r\nTo: body\r\n";
            var mended = Mend(message, message.Length);
            Assert.Equal(mended, Mend(message, random.Next(1, 9)));
            Assert.Equal(mended, Mend(mended, mended.Length));
            found += mended.Contains("@example.org", StringComparison.Ordinal) ? 1 : 0;
        });
        Assert.InRange(found, Fuzzing.Rounds / 4, Fuzzing.Rounds);
    }

    [Fact]
    public void They_are_not_looked_for_in_mail_of_others()
    {
        var header = new HeaderScanner();
        header.Advance("To: a\r\n\r\n"u8);
        Assert.Empty(header.BareAddresses);
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

    private static void AssertMended(string before, string after)
    {
        const string Rest = "Date: d\r\nMessage-ID: <i@x>\r\n";
        foreach (var cut in Enumerable.Range(1, before.Length))
        {
            Assert.Equal($"{Rest}{after}\r\n\r\nTo: body\r\n", Mend($"{Rest}{before}\r\n\r\nTo: body\r\n", cut));
            Assert.Equal($"{after}\r\n{Rest}\r\nTo: body\r\n", Mend($"{before}\r\n{Rest}\r\nTo: body\r\n", cut));
        }
    }

    private static string Mend(string message, int cut)
    {
        var header = new HeaderScanner { FindsBareAddresses = true };
        var octets = Encoding.UTF8.GetBytes(message);
        for (var at = 0; at < octets.Length && !header.Advance(octets.AsSpan(at, Math.Min(cut, octets.Length - at))); at += cut)
        {
        }
        header.End();
        var edits = SubmittedFields.Mend(header, "0000400000001", "mx.example.org", "example.org", new DateTimeOffset(2026, 11, 21, 21, 58, 28, TimeSpan.Zero));
        var mended = new List<byte>();
        var position = 0;
        foreach (var edit in edits.Edits)
        {
            mended.AddRange(octets[position..edit.Offset]);
            mended.AddRange(edit.Insert.ToArray());
            position = edit.Offset + edit.Drop;
        }
        mended.AddRange(octets[position..]);
        return Encoding.UTF8.GetString([.. mended]);
    }
}
