using System.Net;
using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Tests.Transport.Listening;

/// <summary>Many sessions: limits, settings, and the stop in each phase.</summary>
public sealed class SmtpServerTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_stop_tells_sessions_between_commands_at_once() => ServerRig.Run(async rig =>
    {
        var greeted = await rig.GreetAsync();
        var within = await rig.GreetAsync();
        await within.SendAsync("MAIL FROM:<a@b.example>\r\n");
        Assert.Equal(["250"], await within.ReadCodesAsync(1));
        await rig.Server.StopAsync(Grace);
        Assert.Equal(TimeSpan.Zero, rig.Time.Elapsed);
        Assert.StartsWith("421 4.3.2", await greeted.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.StartsWith("421 4.3.2", await within.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.All(rig.Ends, end => Assert.Equal(SessionEndReason.ServerStopped, end.Reason));
        await Assert.ThrowsAsync<IOException>(rig.ConnectAsync);
        Assert.Throws<InvalidOperationException>(() => rig.Server.Listen(new IPEndPoint(IPAddress.Loopback, 26)));
    });

    [Fact]
    public void A_message_under_way_may_finish_within_the_grace() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        await client.SendAsync("first\r\n");
        var stop = rig.Server.StopAsync(Grace);
        await Task.Delay(Grace / 2, rig.Time);
        await client.SendAsync("last\r\n.\r\n");
        Assert.Equal(["250", "421"], await client.ReadCodesAsync(2));
        await stop;
        Assert.Equal(Grace / 2, rig.Time.Elapsed);
        Assert.Equal(["first\r\nlast\r\n"], rig.Handlers[0].Accepted);
    });

    [Fact]
    public void What_follows_a_message_in_the_input_is_not_begun_after_a_stop() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        var stop = rig.Server.StopAsync(Grace);
        await Task.Yield();
        await client.SendAsync("x\r\n.\r\nNOOP\r\n");
        Assert.Equal("250", (await client.ReadCodesAsync(1))[0]);
        Assert.Contains("421 4.3.2", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await stop;
    });

    [Fact]
    public void A_message_that_outlasts_the_grace_is_cut_off() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        await client.SendAsync("first\r\n");
        await rig.Server.StopAsync(Grace);
        Assert.Equal(Grace, rig.Time.Elapsed);
        Assert.Equal((1, 0), (rig.Handlers[0].Abandoned, rig.Handlers[0].Accepted.Count));
        Assert.Equal(SessionEndReason.ServerStopped, rig.Ends[0].Reason);
        await Assert.ThrowsAsync<IOException>(client.ReadToEndAsync);
    });

    [Fact]
    public void An_answer_under_way_is_given_and_then_the_421() => ServerRig.Run(async rig =>
    {
        var client = await rig.GreetAsync();
        rig.Handlers[0].OnQuestion = async _ =>
        {
            await Task.Delay(TimeSpan.FromSeconds(5), rig.Time);
            return Answer.Accept();
        };
        await client.SendAsync("MAIL FROM:<a@b.example>\r\n");
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        await rig.Server.StopAsync(Grace);
        Assert.Equal(TimeSpan.FromSeconds(5), rig.Time.Elapsed);
        Assert.Equal(["250", "421"], await client.ReadCodesAsync(2));
    });

    [Fact]
    public void A_peer_that_never_lets_the_server_wait_is_stopped_too() => ServerRig.Run(async rig =>
    {
        rig.Settings = new ServerSettings { Hostname = "mx.example", Limits = new ServerLimits { Recipients = 5000 } };
        var client = await rig.GreetAsync();
        var slow = true;
        rig.Handlers[0].OnQuestion = async _ =>
        {
            if (slow)
                await Task.Delay(TimeSpan.FromSeconds(5), rig.Time);
            slow = false;
            return Answer.Accept();
        };
        await client.SendAsync("MAIL FROM:<a@b.example>\r\n" + string.Concat(Enumerable.Repeat("RCPT TO:<c@d>\r\n", 4000)));
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        var stop = rig.Server.StopAsync(Grace);
        var replies = await client.ReadToEndAsync();
        await stop;
        Assert.InRange(replies.Split("\r\n").Length, 100, 2000);
        Assert.Contains("421 4.3.2", replies, StringComparison.Ordinal);
    });

    [Fact]
    public void A_handler_is_told_when_the_grace_is_over() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        var handler = rig.Handlers[0];
        handler.OnQuestion = async _ =>
        {
            await Task.Delay(TimeSpan.FromDays(1), rig.Time, handler.Token);
            return Answer.Accept();
        };
        await client.SendAsync("x\r\n.\r\n");
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        await rig.Server.StopAsync(Grace);
        Assert.Equal(Grace + TimeSpan.FromSeconds(1), rig.Time.Elapsed);
        Assert.Empty(handler.Accepted);
        Assert.Empty(rig.Failures);
    });

    [Fact]
    public void The_grace_can_be_ended() => ServerRig.Run(async rig =>
    {
        await rig.BeginBodyAsync();
        using var impatience = new CancellationTokenSource(TimeSpan.FromSeconds(3), rig.Time);
        await rig.Server.StopAsync(Grace, impatience.Token);
        Assert.Equal(TimeSpan.FromSeconds(3), rig.Time.Elapsed);
    });

    [Fact]
    public void A_connection_beyond_the_limit_is_turned_away() => ServerRig.Run(async rig =>
    {
        rig.Server.MaxSessions = 2;
        var first = await rig.GreetAsync();
        await rig.GreetAsync();
        var third = await rig.ConnectAsync();
        Assert.StartsWith("421 4.3.2", await third.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(421, Assert.Single(rig.TurnedAwayWith).Code);
        await first.SendAsync("QUIT\r\n");
        await first.ReadToEndAsync();
        await rig.GreetAsync();
        Assert.Equal(3, rig.Handlers.Count);
    });

    [Fact]
    public void Who_is_not_admitted_is_told_and_gets_no_session() => ServerRig.Run(async rig =>
    {
        rig.Refuse = facts => facts.PeerAddress!.Equals(IPAddress.Loopback) ? new(421, new(4, 7, 0), "Not now") : null;
        var refused = await rig.ConnectAsync();
        Assert.Equal("421 4.7.0 Not now\r\n", await refused.ReadToEndAsync());
        Assert.Equal(421, Assert.Single(rig.TurnedAwayWith).Code);
        Assert.Empty(rig.Handlers);
        rig.Network.LocalAddress = IPAddress.Parse("192.0.2.7");
        await rig.GreetAsync();
        Assert.Equal(1, rig.Inside);
    });

    [Fact]
    public void A_handler_that_cannot_be_made_turns_the_peer_away() => ServerRig.Run(
        async rig =>
        {
            var client = await rig.ConnectAsync();
            Assert.StartsWith("421 4.3.0", await client.ReadToEndAsync(), StringComparison.Ordinal);
            Assert.Single(rig.Failures);
        },
        () => throw new InvalidOperationException("broken"));

    [Fact]
    public void A_session_keeps_the_settings_that_it_began_with() => ServerRig.Run(async rig =>
    {
        var old = await rig.GreetAsync();
        rig.Settings = new ServerSettings { Hostname = "new.example" };
        var young = await rig.ConnectAsync();
        Assert.Contains("new.example", await young.ReadReplyAsync(), StringComparison.Ordinal);
        await old.SendAsync("QUIT\r\n");
        Assert.Contains("mx.example", await old.ReadReplyAsync(), StringComparison.Ordinal);
    });

    [Fact]
    public void Sessions_and_a_stop_in_any_order_lose_nobody()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            ServerRig.Run(
                async rig =>
                {
                    var clients = Enumerable.Range(0, 8).Select(_ => OneAsync(rig)).ToList();
                    await Task.Delay(TimeSpan.FromMilliseconds(rig.Simulation.Random.Next(40)), rig.Time);
                    await rig.Server.StopAsync(TimeSpan.FromMilliseconds(rig.Simulation.Random.Next(40)));
                    var confirmed = (await Task.WhenAll(clients)).Sum();
                    Assert.InRange(rig.Handlers.Sum(handler => handler.Accepted.Count), confirmed, 8);
                },
                () => new RecordingHandler(),
                seed,
                fragment: true);
        }

        static async Task<int> OneAsync(ServerRig rig)
        {
            try
            {
                var client = await rig.ConnectAsync();
                foreach (var part in new[] { "EHLO x.example\r\n", "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n", "x\r\n.\r\n" })
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(rig.Simulation.Random.Next(20)), rig.Time);
                    await client.SendAsync(part);
                }
                return (await client.ReadToEndAsync()).Contains("Message accepted", StringComparison.Ordinal) ? 1 : 0;
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }
}
