using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;
using Postrider.Tests.Queue.Scheduling;

namespace Postrider.Tests.Queue.Outcomes;

/// <summary>Of what senders are told, and how (RFC 3461 §4, §5).</summary>
public sealed class SenderWishTests
{
    [Theory]
    [InlineData(Notifications.Unspecified, "failed")]
    [InlineData(Notifications.Never, "")]
    [InlineData(Notifications.Success, "delivered relayed")]
    [InlineData(Notifications.Failure, "failed")]
    [InlineData(Notifications.Delay, "delayed")]
    [InlineData(Notifications.Success | Notifications.Failure | Notifications.Delay, "delivered relayed failed delayed")]
    public void A_sender_is_told_what_it_asked_for(Notifications wish, string actions) => Run(async rig =>
    {
        rig.OnDispatch = entry => entry.NextHop == "sender" ? Task.CompletedTask : rig.AnswerAsync(entry, to => to[0] switch
        {
            'd' => QueueRig.Delivered,
            'r' => QueueRig.Relayed,
            'o' => QueueRig.Relayed with { IsReportedOn = true },
            'f' => QueueRig.Failed,
            _ => QueueRig.Deferred,
        });
        foreach (var recipient in new[] { "d@there", "r@there", "o@there", "f@there", "w@there" })
            await AcceptAsync(rig, wish, recipient);
        // Longer than the age of a delay, and not as long as mail is kept.
        await rig.PassAsync(TimeSpan.FromDays(2));
        var reports = await ReportsAsync(rig);
        var said = reports.ConvertAll(report => Field(report, "Action"));
        Assert.Equal(actions.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), said.Order(StringComparer.Ordinal));
        foreach (var report in reports)
        {
            Assert.Equal("QQ314159", Field(report, "Original-Envelope-Id"));
            Assert.Equal($"rfc822; first-{Field(report, "Final-Recipient")["rfc822; ".Length..]}", Field(report, "Original-Recipient"));
        }
        Assert.Equal(SpeaksOfFailure(wish) ? 0 : 1, rig.Events.OfType<ReportDropped>().Count());
    });

    [Fact]
    public void A_delay_is_told_once_with_the_time_until_which_it_is_tried() => Run(async rig =>
    {
        rig.OnDispatch = entry => entry.NextHop == "sender" ? Task.CompletedTask : rig.AnswerAsync(entry, _ => QueueRig.Deferred);
        await AcceptAsync(rig, Notifications.Delay, "w@there");
        await rig.PassAsync(TimeSpan.FromHours(2));
        Assert.Empty(await ReportsAsync(rig));
        await rig.PassAsync(TimeSpan.FromDays(6));
        var report = Assert.Single(await ReportsAsync(rig));
        Assert.Equal("4.3.0", Field(report, "Status"));
        Assert.Equal("Tue, 06 Jan 2026 00:00:00 +0000", Field(report, "Will-Retry-Until"));
        Assert.Contains("Subject: Your message is delayed\r\n", report, StringComparison.Ordinal);
        // And its failure is not told: only the delay was asked for.
        Assert.Single(rig.Events.OfType<ReportDropped>());
        Assert.Equal(1, rig.Queue.Counts.Entries);
    });

    [Theory]
    [InlineData(ReturnContent.Unspecified, 20, true)]
    [InlineData(ReturnContent.Unspecified, 100, false)]
    [InlineData(ReturnContent.Headers, 20, false)]
    [InlineData(ReturnContent.Full, 100, true)]
    public void A_failure_gives_back_as_much_as_was_asked_for(ReturnContent wish, int kilobytes, bool isWhole) => Run(async rig =>
    {
        rig.OnDispatch = entry => entry.NextHop == "sender" ? Task.CompletedTask : rig.AnswerAsync(entry, _ => QueueRig.Failed);
        var body = rig.Queue.CreateBody();
        await body.WriteAsync("Subject: large\r\n\r\n"u8.ToArray());
        for (var i = 0; i < kilobytes * 32; i++)
            await body.WriteAsync("A line of the body, 32 octets.\r\n"u8.ToArray());
        await AcceptAsync(rig, Notifications.Unspecified, "f@there", wish, body);
        await rig.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(isWhole, Assert.Single(await ReportsAsync(rig)).Contains("A line of the body", StringComparison.Ordinal));
    });

    [Theory]
    [InlineData(TlsWish.Required, TlsWish.Required, false)]
    [InlineData(TlsWish.Waived, TlsWish.Unspecified, true)]
    [InlineData(TlsWish.Unspecified, TlsWish.Unspecified, true)]
    public void A_report_is_protected_as_the_message_was_to_be(TlsWish wish, TlsWish expected, bool isWhole) => Run(async rig =>
    {
        rig.OnDispatch = entry => entry.NextHop == "sender" ? Task.CompletedTask : rig.AnswerAsync(entry, _ => QueueRig.Failed);
        await AcceptAsync(rig, Notifications.Unspecified, "f@there", ReturnContent.Full, tls: wish);
        await rig.PassAsync(TimeSpan.FromSeconds(10));
        var page = await rig.Queue.ListAsync(QueueFilter.All, 10);
        Assert.Equal(expected, Assert.Single(page.Entries).Envelope!.Envelope.Tls);
        Assert.Equal(isWhole, Assert.Single(await ReportsAsync(rig)).Contains("Hello.", StringComparison.Ordinal));
    });

    [Fact]
    public void Success_never_gives_the_body_back() => Run(async rig =>
    {
        rig.OnDispatch = entry => entry.NextHop == "sender" ? Task.CompletedTask : rig.AnswerAsync(entry, _ => QueueRig.Delivered);
        await AcceptAsync(rig, Notifications.Success, "d@there", ReturnContent.Full);
        await rig.PassAsync(TimeSpan.FromSeconds(10));
        var report = Assert.Single(await ReportsAsync(rig));
        Assert.DoesNotContain("Hello.", report, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/rfc822-headers\r\n", report, StringComparison.Ordinal);
    });

    [Fact]
    public void A_deleted_message_is_reported_only_to_a_sender_who_wants_failures() => Run(async rig =>
    {
        rig.OnDispatch = entry => entry.NextHop == "sender" ? Task.CompletedTask : rig.AnswerAsync(entry, _ => QueueRig.Deferred);
        var silent = await AcceptAsync(rig, Notifications.Success, "w@there");
        var told = await AcceptAsync(rig, Notifications.Failure, "w@there");
        await rig.PassAsync(TimeSpan.FromSeconds(1));
        await rig.Queue.DeleteAsync(silent, "Deleted by an operator");
        await rig.Queue.DeleteAsync(told, "Deleted by an operator");
        await rig.PassAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("rfc822; first-w@there", Field(Assert.Single(await ReportsAsync(rig)), "Original-Recipient"));
    });

    private static bool SpeaksOfFailure(Notifications wish) => wish == Notifications.Unspecified || (wish & Notifications.Failure) != 0;

    private static string Field(string report, string name)
    {
        var start = report.IndexOf($"\r\n{name}: ", StringComparison.Ordinal) + name.Length + 4;
        return report[start..report.IndexOf("\r\n", start, StringComparison.Ordinal)];
    }

    private static async Task<List<string>> ReportsAsync(QueueRig rig)
    {
        var reports = new List<string>();
        foreach (var queued in rig.Events.OfType<ReportQueued>())
            reports.Add(await rig.ContentAsync(queued.Report));
        return reports;
    }

    private static async Task<SpoolId> AcceptAsync(
        QueueRig rig, Notifications wish, string recipient, ReturnContent content = ReturnContent.Unspecified, IBodyWriter? body = null, TlsWish tls = TlsWish.Unspecified)
    {
        if (body is null)
        {
            body = rig.Queue.CreateBody();
            await body.WriteAsync("Subject: test\r\n\r\nHello.\r\n"u8.ToArray());
        }
        var id = rig.Queue.NewId();
        var envelope = QueueRig.Envelope(id, body.Id, "a@sender", "there", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero) + rig.Elapsed, recipient);
        var to = envelope.Envelope.Recipients[0] with { Notify = wish, OriginalRecipient = new OriginalRecipient("rfc822", $"first-{recipient}") };
        envelope = envelope with { Envelope = envelope.Envelope with { Recipients = [to], EnvelopeId = "QQ314159", Return = content, Tls = tls } };
        Assert.Equal(SpoolFault.None, await rig.Queue.AcceptAsync([body], [envelope]));
        return id;
    }

    private static void Run(Func<QueueRig, Task> test) => QueueRig.Run(async simulation =>
    {
        await using var rig = new QueueRig(simulation);
        await rig.StartAsync();
        await test(rig);
    });
}
