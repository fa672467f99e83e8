using System.Net;
using Postrider.Hosting.Reception;
using Postrider.Mime.Headers;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Content;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Server;

namespace Postrider.Tests.Hosting.Reception;

public sealed class MessageHandlerTests
{
    [Fact]
    public async Task An_accepted_message_is_queued_under_the_name_that_the_reply_and_the_trace_field_give()
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        var answer = await rig.TakeAsync(ReceptionRig.Envelope("anna@local.example"), "Subject: x\r\n\r\nbody\r\n");

        var stored = Assert.Single(await rig.StoredAsync());
        Assert.True(answer.IsAccepted);
        Assert.Equal($"250 2.0.0 Queued as {stored.Message}", answer.Reply!.ToString());
        Assert.Equal(stored.Message, stored.Id);
        Assert.Equal(rig.Time.GetUtcNow(), stored.Arrived);
        Assert.Equal(0, stored.State.Attempts);
        Assert.Equal(
            $"Received: from client.example ([192.0.2.7])\r\n\tby mx.example.org with ESMTP id {stored.Message}\r\n\tfor <anna@local.example>; Wed, 04 Mar 2026 05:06:07 +0000\r\nSubject: x\r\n\r\nbody\r\n",
            await rig.ContentAsync(stored.Id));
    }

    [Theory]
    [InlineData(null, "Hello: to Bob\r\n", "+0000\r\nHello: to Bob\r\n")]
    [InlineData(null, "Hello Bob\r\n", "+0000\r\n\r\nHello Bob\r\n")]
    [InlineData(null, "\r\nHello Bob\r\n", "+0000\r\n\r\nHello Bob\r\n")]
    [InlineData(null, "", "+0000\r\n\r\n")]
    [InlineData("jones", "Hello Bob\r\n", "@mx.example.org>\r\n\r\nHello Bob\r\n")]
    public async Task Content_that_begins_with_no_field_is_text_behind_ours(string? account, string content, string ending)
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        rig.Facts = rig.Facts with { Account = account };
        await rig.TakeAsync(ReceptionRig.Envelope("anna@local.example"), content);
        Assert.EndsWith(ending, await rig.ContentAsync(Assert.Single(await rig.StoredAsync()).Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_logged_in_gets_the_fields_that_are_missing_and_keeps_blind_copies_to_himself()
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        rig.Facts = rig.Facts with { Account = "jones" };
        await rig.TakeAsync(ReceptionRig.Envelope("anna@local.example"), "Bcc: b@else.example\r\nSubject: x\r\n\r\nbody\r\n");

        var stored = Assert.Single(await rig.StoredAsync());
        Assert.EndsWith(
            $"Date: Wed, 04 Mar 2026 05:06:07 +0000\r\nMessage-ID: <{rig.Time.GetUtcNow().ToUnixTimeMilliseconds()}.{stored.Message}@mx.example.org>\r\nSubject: x\r\n\r\nbody\r\n",
            await rig.ContentAsync(stored.Id),
            StringComparison.Ordinal);
        Assert.Contains(" with ESMTPA id ", await rig.ContentAsync(stored.Id), StringComparison.Ordinal);

        var many = string.Concat(Enumerable.Repeat("Bcc: b\r\nTo: c@x.example\r\n", 200)) + "\r\n";
        Assert.StartsWith("554 5.6.0", (await rig.TakeAsync(ReceptionRig.Envelope("anna@local.example"), many)).Reply!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_without_a_domain_get_ours_where_their_author_has_logged_in()
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        const string Message = "Date: d\r\nMessage-ID: <i@x>\r\nFrom: Jones <jones>\r\nTo: anna, B <b@else.example>\r\n\r\nTo: body\r\n";
        await rig.TakeAsync(ReceptionRig.Envelope("anna@local.example"), Message);
        Assert.EndsWith(Message, await rig.ContentAsync((await rig.StoredAsync())[0].Id), StringComparison.Ordinal);

        rig.Facts = rig.Facts with { Account = "jones" };
        await rig.TakeAsync(ReceptionRig.Envelope("anna@local.example"), Message);
        Assert.EndsWith(
            "\r\nFrom: Jones <jones@local.example>\r\nTo: anna@local.example, B <b@else.example>\r\n\r\nTo: body\r\n",
            await rig.ContentAsync((await rig.StoredAsync())[1].Id),
            StringComparison.Ordinal);

        var many = $"To: {string.Join(", ", Enumerable.Repeat("a", HeaderScanner.MostBareAddresses + 1))}\r\n\r\n";
        Assert.StartsWith("554 5.6.0", (await rig.TakeAsync(ReceptionRig.Envelope("anna@local.example"), many)).Reply!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_to_be_kept_is_due_when_its_time_has_come_counted_from_MAIL()
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        var (began, day) = (rig.Time.GetUtcNow(), TimeSpan.FromDays(1));
        var envelope = ReceptionRig.Envelope("anna@local.example") with { Release = new FutureRelease { After = day } };
        Assert.True((await rig.AskAsync(new MailQuestion(envelope.ReversePath, null) { Release = envelope.Release })).IsAccepted);
        Assert.True((await rig.AskAsync(new StartOfMessageQuestion(envelope))).IsAccepted);
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await rig.WriteAsync("Subject: x\r\n\r\n");
        Assert.True((await rig.AskAsync(new EndOfMessageQuestion(envelope, new ContentFacts(14, 10, false, false, false, false)))).IsAccepted);
        await rig.TakeAsync(envelope with { Release = new FutureRelease { At = began + day } }, "x\r\n");

        var stored = await rig.StoredAsync();
        Assert.All(stored, one => Assert.Equal((began + day, began + day), (one.State.Due, one.Envelope.Release!.At!.Value)));
        Assert.Equal([day, null], stored.Select(one => one.Envelope.Release!.After));
        Assert.Equal(began + TimeSpan.FromMinutes(1), stored[0].Arrived);
        Assert.Empty(rig.Due);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(1, true)]
    [InlineData(30 * 86400, true)]
    [InlineData((30 * 86400) + 1, false)]
    public async Task A_time_to_be_kept_until_lies_in_the_future_and_within_the_limit(int seconds, bool isAccepted)
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        var answer = await rig.AskAsync(new MailQuestion(ReversePath.Null, null) { Release = new FutureRelease { At = rig.Time.GetUtcNow().AddSeconds(seconds) } });
        Assert.Equal(isAccepted, answer.IsAccepted);
        if (!isAccepted)
            Assert.Equal("501 5.5.4 Parameter HOLDUNTIL takes a time to come, 2026-04-03T05:06:07Z at the latest", answer.Reply!.ToString());
    }

    [Fact]
    public async Task Recipients_of_one_next_hop_share_an_envelope_and_all_envelopes_share_the_body()
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        await rig.TakeAsync(ReceptionRig.Envelope("a@local.example", "b@routed.example", "c@local.example", "d@else.example", "e@other.example"), "x\r\n");

        var stored = await rig.StoredAsync();
        Assert.Equal(3, stored.Count);
        Assert.Single(stored.Select(e => e.Body).Distinct());
        Assert.Single(stored.Select(e => e.Message).Distinct());
        Assert.Equal(
            "maildir:/mail a@local.example c@local.example, relay:mx.routed.example:25 b@routed.example, relay:smarthost.example:25 d@else.example e@other.example",
            string.Join(", ", stored.Select(e => $"{e.NextHop} {string.Join(' ', e.Envelope.Recipients.Select(r => r.Mailbox))}").Order(StringComparer.Ordinal)));
        foreach (var envelope in stored)
        {
            Assert.Equal(Enumerable.Range(0, envelope.Envelope.Recipients.Length), envelope.State.Open.Select(o => o.Index));
            Assert.DoesNotContain("for <", await rig.ContentAsync(envelope.Id), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(TlsWish.Unspecified, "TLS-Required: No", TlsWish.Waived)]
    [InlineData(TlsWish.Unspecified, "TLS-Required: Yes", TlsWish.Unspecified)]
    [InlineData(TlsWish.Required, "TLS-Required: No", TlsWish.Required)]
    public async Task The_header_waives_TLS_where_the_command_did_not_require_it(TlsWish command, string field, TlsWish expected)
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        await rig.TakeAsync(ReceptionRig.Envelope("a@local.example", "b@routed.example") with { Tls = command }, $"{field}\r\n\r\nbody\r\n");
        var stored = await rig.StoredAsync();
        Assert.Equal(2, stored.Count);
        foreach (var envelope in stored)
        {
            Assert.Equal(expected, envelope.Envelope.Tls);
            Assert.Contains(field, await rig.ContentAsync(envelope.Id), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_message_that_goes_round_in_a_circle_is_refused()
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        await rig.AskAsync(new StartOfMessageQuestion(ReceptionRig.Envelope("a@local.example")));
        for (var i = 0; i < 100; i++)
            Assert.Null(await rig.WriteAsync("Received: by x\r\n"));
        Assert.Equal("554 5.4.6", (await rig.WriteAsync("received: by x\r\n"))!.ToString()[..9]);
    }

    [Fact]
    public async Task What_looks_like_a_trace_field_in_the_body_is_none()
    {
        await using var rig = new ReceptionRig(new MemorySpool());
        await rig.StartAsync();
        await rig.AskAsync(new StartOfMessageQuestion(ReceptionRig.Envelope("a@local.example")));
        Assert.Null(await rig.WriteAsync("Subject: x\r\n\r\n"));
        for (var i = 0; i < 150; i++)
            Assert.Null(await rig.WriteAsync("Received: by x\r\n"));
    }

    [Fact]
    public async Task An_abandoned_message_leaves_nothing()
    {
        var spool = new ScriptedSpool();
        await using var rig = new ReceptionRig(spool);
        await rig.StartAsync();
        await rig.AskAsync(new StartOfMessageQuestion(ReceptionRig.Envelope("a@local.example")));
        await rig.WriteAsync("x\r\n");
        Assert.Equal(1, spool.OpenBodies);
        await rig.DisposeAsync();
        Assert.Equal(0, spool.OpenBodies);
    }

    [Theory]
    [InlineData(SpoolFault.NoSpace, "452 4.3.1")]
    [InlineData(SpoolFault.Failed, "451 4.3.0")]
    public async Task A_spool_without_room_is_said_before_the_body_comes(SpoolFault fault, string reply)
    {
        var spool = new ScriptedSpool { AcceptFault = fault };
        await using var rig = new ReceptionRig(spool);
        await rig.StartAsync();
        var envelope = ReceptionRig.Envelope("a@local.example");
        Assert.StartsWith(reply, (await rig.AskAsync(new MailQuestion(envelope.ReversePath, 1000))).Reply!.ToString(), StringComparison.Ordinal);
        Assert.StartsWith(reply, (await rig.AskAsync(new StartOfMessageQuestion(envelope))).Reply!.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, spool.OpenBodies);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_finds_no_memory_for_a_body_waits_a_while_for_it(bool isFreed)
    {
        var spool = new ScriptedSpool { AcceptFault = SpoolFault.NoMemory };
        await using var rig = new ReceptionRig(spool);
        await rig.StartAsync();
        var envelope = ReceptionRig.Envelope("a@local.example");
        Assert.True((await rig.AskAsync(new MailQuestion(envelope.ReversePath, 1000))).IsAccepted);
        var start = rig.AskAsync(new StartOfMessageQuestion(envelope)).AsTask();
        for (var waited = TimeSpan.Zero; waited < StartOfMessageHandler.Patience - TimeSpan.FromSeconds(1); waited += TimeSpan.FromSeconds(1))
            Pass(TimeSpan.FromSeconds(1));
        Assert.False(start.IsCompleted);
        if (isFreed)
            spool.AcceptFault = SpoolFault.None;
        Pass(TimeSpan.FromSeconds(2));
        var answer = await start;
        Assert.Equal(isFreed, answer.IsAccepted);
        if (!isFreed)
            Assert.StartsWith("452 4.3.1", answer.Reply!.ToString(), StringComparison.Ordinal);
        Assert.Equal(isFreed ? 1 : 0, spool.OpenBodies);

        void Pass(TimeSpan time)
        {
            for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromMilliseconds(100))
                rig.Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    [Fact]
    public async Task Room_is_asked_for_as_much_as_the_sender_announced()
    {
        var spool = new ScriptedSpool();
        await using var rig = new ReceptionRig(spool);
        await rig.StartAsync();
        await rig.AskAsync(new MailQuestion(ReversePath.Null, 12345));
        await rig.AskAsync(new StartOfMessageQuestion(ReceptionRig.Envelope("a@local.example")));
        await rig.AskAsync(new MailQuestion(ReversePath.Null, null));
        Assert.Equal([12345, 12345, 0], spool.SizesAsked);
    }

    [Theory]
    [InlineData(SpoolFault.NoSpace, "452 4.3.1")]
    [InlineData(SpoolFault.Failed, "451 4.3.0")]
    public async Task A_commit_that_fails_is_no_acceptance_and_the_body_is_forgotten(SpoolFault fault, string reply)
    {
        var spool = new ScriptedSpool { CommitFault = fault };
        await using var rig = new ReceptionRig(spool);
        await rig.StartAsync();
        var answer = await rig.TakeAsync(ReceptionRig.Envelope("a@local.example"), "x\r\n");
        Assert.False(answer.IsAccepted);
        Assert.StartsWith(reply, answer.Reply!.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, spool.OpenBodies);
    }

    [Fact]
    public async Task A_write_that_fails_refuses_the_rest_of_the_body()
    {
        var spool = new ScriptedSpool { WriteFault = SpoolFault.NoSpace };
        await using var rig = new ReceptionRig(spool);
        await rig.StartAsync();
        await rig.AskAsync(new StartOfMessageQuestion(ReceptionRig.Envelope("a@local.example")));
        Assert.StartsWith("452 4.3.1", (await rig.WriteAsync("x\r\n"))!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everybody_may_connect_and_nobody_is_verified()
    {
        await using var rig = new ReceptionRig(new MemorySpool(), IPAddress.Parse("203.0.113.1"));
        Assert.Null((await rig.AskAsync(new ConnectQuestion())).Reply);
        Assert.Null((await rig.AskAsync(new VerifyQuestion("anna"))).Reply);
    }
}
