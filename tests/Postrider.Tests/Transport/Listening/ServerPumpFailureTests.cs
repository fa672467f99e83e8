using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Tests.Transport.Listening;

/// <summary>Handlers that fail, bodies that are refused, peers that go away.</summary>
public sealed class ServerPumpFailureTests
{
    private const string Transcript =
        "EHLO client.example\r\n"
        + "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
        + "Subject: one\r\n\r\n..stuffed\r\n.\r\n"
        + "MAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nRSET\r\nNOOP\r\n"
        + "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\ntwo\r\n.\r\n"
        + "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\na bare\nLF\r\n.\r\n"
        + "QUIT\r\n";

    [Theory]
    [InlineData(typeof(MailQuestion))]
    [InlineData(typeof(RecipientQuestion))]
    [InlineData(typeof(StartOfMessageQuestion))]
    [InlineData(typeof(EndOfMessageQuestion))]
    public void A_handler_that_throws_is_a_transient_failure_and_no_more(Type question) => ServerRig.Run(async rig =>
    {
        foreach (var synchronously in new[] { true, false })
        {
            rig.Failures.Clear();
            var client = await rig.GreetAsync();
            var handler = rig.Handlers[^1];
            handler.OnQuestion = async asked =>
            {
                if (!synchronously)
                    await Task.Yield();
                return asked.GetType() == question ? throw new InvalidOperationException("broken") : Answer.Accept();
            };
            foreach (var command in new[] { "MAIL FROM:<a@b.example>\r\n", "RCPT TO:<c@d.example>\r\n", "DATA\r\n", "x\r\n.\r\n" })
            {
                await client.SendAsync(command);
                var reply = await client.ReadReplyAsync();
                if (reply.StartsWith('4'))
                {
                    Assert.Equal($"{ReplyCatalogue.LocalError}\r\n", reply);
                    break;
                }
            }
            Assert.Equal("broken", Assert.Single(rig.Failures).Message);
            Assert.Empty(handler.Accepted);

            handler.OnQuestion = _ => new(Answer.Accept());
            await client.SendAsync("RSET\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
            Assert.Equal(["250", "250", "250", "354"], await client.ReadCodesAsync(4));
            await client.SendAsync("y\r\n.\r\nQUIT\r\n");
            Assert.Equal(["250", "221"], await client.ReadCodesAsync(2));
            Assert.Equal(["y\r\n"], handler.Accepted);
        }
    });

    [Fact]
    public void A_handler_that_throws_at_the_connect_closes_it() => ServerRig.Run(
        async rig =>
        {
            var client = await rig.ConnectAsync();
            Assert.Equal($"{ReplyCatalogue.CannotServe}\r\n", await client.ReadReplyAsync());
            Assert.Equal("", await client.ReadToEndAsync());
            Assert.Single(rig.Failures);
        },
        () => new RecordingHandler { OnQuestion = _ => throw new InvalidOperationException("broken") });

    [Fact]
    public void A_handler_that_throws_over_a_body_is_a_transient_failure_at_its_end() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        rig.Handlers[0].OnBody = _ => throw new IOException("No space left on device");
        await client.SendAsync("x\r\n");
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        Assert.Empty(rig.Recording.Writes);
        await client.SendAsync("NOOP\r\n.\r\nNOOP\r\n");
        Assert.StartsWith("451 4.3.0", await client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(["250"], await client.ReadCodesAsync(1));
        Assert.Equal(1, rig.Handlers[0].Abandoned);
        Assert.Equal(1, rig.Handlers[0].Slices);
        Assert.Single(rig.Failures);
    });

    [Fact]
    public void A_refused_body_is_skipped_to_its_end_and_refused_there() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        var handler = rig.Handlers[0];
        handler.OnBody = _ => new(new Reply(452, new EnhancedStatusCode(4, 3, 1), "No room"));
        await client.SendAsync("x\r\n");
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        await client.SendAsync(string.Concat(Enumerable.Repeat("more and more\r\n", 10_000)) + ".\r\nNOOP\r\n");
        Assert.StartsWith("452 4.3.1 No room", await client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(["250"], await client.ReadCodesAsync(1));
        Assert.Equal((1, 1, 0), (handler.Slices, handler.Abandoned, handler.Accepted.Count));
    });

    [Fact]
    public void A_message_that_the_session_refuses_is_abandoned_before_the_next_begins() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        await client.SendAsync("a bare\nLF\r\n.\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\ngood\r\n.\r\n");
        Assert.Equal(["550", "250", "250", "354", "250"], await client.ReadCodesAsync(5));
        Assert.Equal(1, rig.Handlers[0].Abandoned);
        Assert.Equal(["good\r\n"], rig.Handlers[0].Accepted);
    });

    [Fact]
    public void An_error_while_a_message_is_abandoned_is_reported_and_ends_nothing() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        rig.Handlers[0].OnAbandon = () => throw new InvalidOperationException("broken");
        await client.SendAsync("a bare\nLF\r\n.\r\nNOOP\r\n");
        Assert.Equal(["550", "250"], await client.ReadCodesAsync(2));
        Assert.Single(rig.Failures);
    });

    [Fact]
    public void A_commit_goes_on_when_the_peer_has_gone() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        rig.Handlers[0].OnQuestion = async _ =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
            return Answer.Accept();
        };
        await client.SendAsync("x\r\n.\r\n");
        await Task.Delay(TimeSpan.FromMilliseconds(1), rig.Time);
        client.Transport.Abort();
        await Task.Delay(TimeSpan.FromSeconds(2), rig.Time);
        Assert.Equal(["x\r\n"], rig.Handlers[0].Accepted);
        Assert.Equal((SessionEndReason.Broken, 1), (rig.Ends[0].Reason, rig.Ends[0].MessagesAccepted));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_peer_may_go_after_any_octet(bool byReset)
    {
        for (var octets = 0; octets <= Transcript.Length; octets++)
        {
            var sent = Transcript[..octets];
            ServerRig.Run(
                async rig =>
                {
                    var client = await rig.ConnectAsync();
                    await client.SendAsync(sent);
                    if (byReset)
                    {
                        // Long enough for all of it to have been read.
                        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
                        client.Transport.Abort();
                    }
                    else
                    {
                        await client.Transport.DisposeAsync();
                    }
                    await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
                    var end = Assert.Single(rig.Ends);
                    var handler = Assert.Single(rig.Handlers);
                    Assert.Equal(octets == Transcript.Length && byReset, end.Reason == SessionEndReason.Closed);
                    if (byReset)
                    {
                        Assert.Equal(sent.Split("\r\n.\r\n").Length - 1 - (sent.Contains("LF\r\n.\r\n", StringComparison.Ordinal) ? 1 : 0), handler.Accepted.Count);
                        Assert.Equal(octets, end.OctetsReceived);
                    }
                    Assert.Equal(handler.Accepted.Count, end.MessagesAccepted);
                    Assert.Empty(rig.Failures);
                },
                seed: octets,
                fragment: true);
        }
    }

    [Fact]
    public void However_the_octets_are_cut_the_transcript_is_the_same()
    {
        string? expected = null;
        for (var seed = 0; seed < 100; seed++)
        {
            ServerRig.Run(
                async rig =>
                {
                    var client = await rig.ConnectAsync();
                    var sending = client.SendAsync(Transcript);
                    var replies = await client.ReadToEndAsync();
                    await sending;
                    expected ??= replies;
                    Assert.Equal(expected, replies);
                    Assert.Equal(["Subject: one\r\n\r\n.stuffed\r\n", "two\r\n"], rig.Handlers[0].Accepted);
                },
                seed: seed,
                fragment: seed > 0);
        }
        Assert.Equal(19, expected!.Split("\r\n").Count(line => line.Length > 3 && line[3] == ' '));
    }
}
