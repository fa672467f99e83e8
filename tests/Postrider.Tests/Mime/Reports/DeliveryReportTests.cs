using System.Text;
using Postrider.Mime.Reports;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Replies;

namespace Postrider.Tests.Mime.Reports;

public sealed class DeliveryReportTests
{
    private const string Original = "Subject: hello\r\nFrom: <a@sender.example>\r\n\r\nThe body.\r\n";

    [Fact]
    public void It_is_a_multipart_report_of_three_parts()
    {
        var report = Parse(Report(Original));
        Assert.Equal("Sat, 21 Nov 2026 12:00:00 +0000", report["date"]);
        Assert.Equal("Mail Delivery System <MAILER-DAEMON@mail.example>", report["from"]);
        Assert.Equal("<a@sender.example>", report["to"]);
        Assert.Equal("Your message could not be delivered", report["subject"]);
        Assert.Equal("<1@mail.example>", report["message-id"]);
        Assert.Equal("auto-replied", report["auto-submitted"]);
        Assert.Equal("1.0", report["mime-version"]);
        Assert.StartsWith("multipart/report; report-type=delivery-status; boundary=", report["content-type"], StringComparison.Ordinal);
        Assert.DoesNotContain(report.Header, f => f.Name == "content-transfer-encoding");

        Assert.Equal(3, report.Parts.Count);
        Assert.Equal("text/plain; charset=us-ascii", Type(report, 0));
        Assert.Contains("<b@there.example>\r\n    mx.there.example said: 550 5.1.1 No such user\r\n", report.Parts[0].Body, StringComparison.Ordinal);
        Assert.Equal("message/delivery-status", Type(report, 1));
        Assert.Equal("message/rfc822", Type(report, 2));
        Assert.Equal(Original, report.Parts[2].Body);
        Assert.False(report.IsEightBit);
    }

    [Fact]
    public void The_status_part_has_a_group_for_the_message_and_one_for_each_recipient()
    {
        var report = Parse(Report(Original, Failure("b@there.example"), Failure("c@there.example") with { ReplyCode = 0, RemoteHost = null, Diagnostic = null, Text = "No route" }));
        Assert.Equal(3, report.Status.Count);
        Assert.Equal("dns; mail.example", ParsedReport.Value(report.Status[0], "reporting-mta"));
        Assert.Equal("Fri, 20 Nov 2026 12:00:00 +0000", ParsedReport.Value(report.Status[0], "arrival-date"));
        Assert.Equal("0000000000007", ParsedReport.Value(report.Status[0], "x-postrider-queue-id"));
        Assert.Equal(
            [
                ("final-recipient", "rfc822; b@there.example"),
                ("action", "failed"),
                ("status", "5.1.1"),
                ("remote-mta", "dns; mx.there.example"),
                ("diagnostic-code", "smtp; 550 5.1.1 No such user"),
                ("last-attempt-date", "Sat, 21 Nov 2026 11:00:00 +0000"),
            ],
            report.Status[1]);
        Assert.Equal("x-postrider; No route", ParsedReport.Value(report.Status[2], "diagnostic-code"));
        Assert.DoesNotContain(report.Status[2], f => f.Name == "remote-mta");
    }

    [Fact]
    public void Of_a_message_that_does_not_go_whole_the_fields_go()
    {
        var report = Parse(Report(Original) with { IncludesWhole = false });
        Assert.Equal("text/rfc822-headers", Type(report, 2));
        Assert.Equal("Subject: hello\r\nFrom: <a@sender.example>\r\n", report.Parts[2].Body);
    }

    [Theory]
    [InlineData("A: b\r\n\r\nbare\rCR\r\n")]
    [InlineData("A: b\r\n\r\nbare\nLF\r\n")]
    [InlineData("A: b\r\n\r\nNUL\0\r\n")]
    [InlineData("A: b\r\n\r\nno end of line")]
    public void A_message_that_cannot_stand_in_a_report_goes_as_its_fields(string original)
    {
        var report = Parse(Report(original));
        Assert.Equal("text/rfc822-headers", Type(report, 2));
        Assert.Equal("A: b\r\n", report.Parts[2].Body);
    }

    [Fact]
    public void A_line_that_is_too_long_goes_cut_and_a_large_header_only_in_part()
    {
        var header = $"Long: {new string('x', 3000)}\r\n" + string.Concat(Enumerable.Range(0, 1000).Select(i => $"F{i}: {new string('y', 90)}\r\n folded\r\n")) + "\r\n";
        var report = Parse(Report(header));
        Assert.InRange(report.Parts[2].Body.Length, 30_000, 33_000);
        Assert.EndsWith("y\r\n folded\r\n", report.Parts[2].Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Octets_above_127_are_declared_where_they_are_and_outside()
    {
        var report = Parse(Report("Subject: x\r\n\r\nGr\u00fc\u00dfe\r\n"));
        Assert.Equal("8bit", report["content-transfer-encoding"]);
        Assert.Equal("8bit", ParsedReport.Value(report.Parts[2].Header, "content-transfer-encoding"));
        Assert.DoesNotContain(report.Parts[0].Header, f => f.Name == "content-transfer-encoding");
        Assert.Equal("message/rfc822", Type(report, 2));
    }

    [Fact]
    public void An_internationalized_address_makes_the_parts_global()
    {
        var report = Parse(Report(Original, Failure("b\u00fc@there.example")));
        Assert.Equal("message/global-delivery-status", Type(report, 1));
        Assert.Equal("8bit", ParsedReport.Value(report.Parts[1].Header, "content-transfer-encoding"));
        Assert.Equal("message/global", Type(report, 2));
        Assert.Equal("text/plain; charset=utf-8", Type(report, 0));
        Assert.Equal("utf-8; b\u00fc@there.example", Utf8(ParsedReport.Value(report.Status[1], "final-recipient")));
        Assert.Equal("message/global-headers", Type(Parse(Report(Original, Failure("b\u00fc@there.example")) with { IncludesWhole = false }), 2));
        Assert.All(report.Header, f => Assert.True(Ascii.IsValid(f.Value)));
    }

    [Fact]
    public void What_a_server_said_cannot_break_the_fields()
    {
        var said = "5.0.0 evil\r\nAction: delivered\r\n\r\n--boundary \u00fc " + new string('z', 2000);
        var report = Parse(Report(Original, Failure("b@there.example") with { Diagnostic = said, Text = said, RemoteHost = "h\r\nX: y" }));
        Assert.Equal(3, report.Parts.Count);
        Assert.Equal("failed", ParsedReport.Value(report.Status[1], "action"));
        Assert.DoesNotContain(report.Status[1], f => f.Name == "x");
        Assert.StartsWith("smtp; 550 5.0.0 evil  Action: delivered    --boundary ? z", ParsedReport.Value(report.Status[1], "diagnostic-code"), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_texts_are_folded_at_78()
    {
        var report = Report(Original, Failure("b@there.example") with { Diagnostic = string.Join(' ', Enumerable.Repeat("twelve chars", 60)) });
        var status = Encoding.UTF8.GetString(report.Format()).Split("Content-Type: message/delivery-status")[1].Split("\r\n--")[0];
        Assert.All(status.Split("\r\n"), line => Assert.InRange(line.Length, 0, 78));
    }

    [Theory]
    [InlineData(ReportAction.Delayed, "delayed", "Your message is delayed")]
    [InlineData(ReportAction.Delivered, "delivered", "Your message was delivered")]
    [InlineData(ReportAction.Relayed, "relayed", "Your message was delivered")]
    [InlineData(ReportAction.Expanded, "expanded", "Your message was delivered")]
    public void It_says_other_things_than_failure_too(ReportAction action, string name, string subject)
    {
        var report = Parse(Report(Original, Failure("b@there.example") with { Action = action }));
        Assert.Equal(name, ParsedReport.Value(report.Status[1], "action"));
        Assert.Equal(subject, report["subject"]);
        var mixed = Parse(Report(Original, Failure("b@there.example") with { Action = action }, Failure("c@there.example")));
        Assert.Equal("Your message could not be delivered", mixed["subject"]);
    }

    private static DeliveryReport Report(string original, params ReportedRecipient[] recipients)
    {
        var end = original.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return new DeliveryReport
        {
            HostName = "mail.example",
            To = new Mailbox("a", "sender.example"),
            MessageId = "1@mail.example",
            Boundary = "0123456789abcdef0123456789abcdef",
            Date = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero),
            Arrived = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
            QueueId = "0000000000007",
            Recipients = recipients.Length == 0 ? [Failure("b@there.example")] : recipients,
            Original = Encoding.UTF8.GetBytes(original),
            OriginalHeaderLength = end + 4,
            IncludesWhole = true,
        };
    }

    private static ReportedRecipient Failure(string mailbox) =>
        new(new Mailbox(mailbox[..mailbox.IndexOf('@', StringComparison.Ordinal)], mailbox[(mailbox.IndexOf('@', StringComparison.Ordinal) + 1)..]), ReportAction.Failed, new EnhancedStatusCode(5, 1, 1), "No such user")
        {
            RemoteHost = "mx.there.example",
            ReplyCode = 550,
            Diagnostic = "5.1.1 No such user",
            LastAttempt = new DateTimeOffset(2026, 11, 21, 11, 0, 0, TimeSpan.Zero),
        };

    private static ParsedReport Parse(DeliveryReport report) => new(report.Format());

    private static string Type(ParsedReport report, int part) => ParsedReport.Value(report.Parts[part].Header, "content-type");

    private static string Utf8(string latin1) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin1));
}
