using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Tests.Transport.Listening;

/// <summary>Time limits, in virtual time.</summary>
public sealed class ServerPumpTimeTests
{
    private static readonly TimeSpan CommandTimeout = ServerLimits.Default.CommandTimeout;
    private static readonly TimeSpan BodyTimeout = ServerLimits.Default.BodyTimeout;
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);

    [Fact]
    public void A_greeting_may_be_kept_back() => ServerRig.Run(async rig =>
    {
        rig.GreetingDelay = TimeSpan.FromSeconds(6);
        var client = await rig.GreetAsync();
        Assert.InRange(rig.Time.Elapsed, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(6) + Tolerance);
        await client.SendAsync("NOOP\r\n");
        Assert.Equal(["250"], await client.ReadCodesAsync(1));
        Assert.Empty(rig.TurnedAwayWith);
    });

    [Fact]
    public void Who_speaks_before_the_greeting_gets_none() => ServerRig.Run(async rig =>
    {
        rig.GreetingDelay = TimeSpan.FromSeconds(6);
        var client = await rig.ConnectAsync();
        await Task.Delay(TimeSpan.FromSeconds(3), rig.Time);
        await client.SendAsync("EHLO client.example\r\nMAIL FROM:<a@b.example>\r\n");
        Assert.StartsWith("554 5.5.1", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(3), rig.Time.Elapsed);
        Assert.Equal(554, Assert.Single(rig.TurnedAwayWith).Code);
        Assert.Equal(SessionEndReason.Closed, Assert.Single(rig.Ends).Reason);
    });

    [Fact]
    public void Who_leaves_before_the_greeting_is_gone() => ServerRig.Run(async rig =>
    {
        rig.GreetingDelay = TimeSpan.FromSeconds(6);
        var client = await rig.ConnectAsync();
        await client.Transport.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        Assert.Equal(SessionEndReason.PeerClosed, Assert.Single(rig.Ends).Reason);
    });

    [Fact]
    public void A_stop_does_not_wait_for_a_greeting() => ServerRig.Run(async rig =>
    {
        rig.GreetingDelay = TimeSpan.FromMinutes(1);
        var client = await rig.ConnectAsync();
        await Task.Delay(TimeSpan.FromSeconds(3), rig.Time);
        await rig.Server.StopAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.FromSeconds(3), rig.Time.Elapsed);
        Assert.StartsWith("421 4.3.2", await client.ReadToEndAsync(), StringComparison.Ordinal);
    });

    [Fact]
    public void A_silent_peer_is_told_421_and_closed() => ServerRig.Run(async rig =>
    {
        var client = await rig.GreetAsync();
        Assert.StartsWith("421 4.4.2", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.InRange(rig.Time.Elapsed, CommandTimeout, CommandTimeout + Tolerance);
        Assert.Equal(SessionEndReason.TimedOut, rig.Ends[0].Reason);
    });

    [Fact]
    public void Each_command_has_the_whole_time() => ServerRig.Run(async rig =>
    {
        var client = await rig.GreetAsync();
        for (var i = 0; i < 5; i++)
        {
            await Task.Delay(CommandTimeout - TimeSpan.FromSeconds(1), rig.Time);
            await client.SendAsync("NOOP\r\n");
            Assert.Equal(["250"], await client.ReadCodesAsync(1));
        }
        Assert.Empty(rig.Ends);
    });

    [Fact]
    public void A_command_that_drips_has_no_more_time_than_another() => ServerRig.Run(async rig =>
    {
        var client = await rig.GreetAsync();
        var dripping = DripAsync(rig, client, TimeSpan.FromSeconds(59), () => "x");
        Assert.StartsWith("421 4.4.2", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.InRange(rig.Time.Elapsed, CommandTimeout - Tolerance, CommandTimeout + Tolerance);
        await dripping;
    });

    [Fact]
    public void A_line_without_an_end_has_no_more_time_than_another() => ServerRig.Run(async rig =>
    {
        var client = await rig.GreetAsync();
        await client.SendAsync(new string('x', 2000));
        Assert.Equal(["500"], await client.ReadCodesAsync(1));
        var dripping = DripAsync(rig, client, TimeSpan.FromSeconds(1), () => "x");
        Assert.StartsWith("421 4.4.2", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.InRange(rig.Time.Elapsed, CommandTimeout - Tolerance, CommandTimeout + Tolerance);
        await dripping;
    });

    [Theory]
    [InlineData(9, true)]
    [InlineData(11, false)]
    public void A_body_keeps_up_the_minimum_rate_or_ends(int octetsASecond, bool ends) => ServerRig.Run(async rig =>
    {
        rig.Settings = new ServerSettings { Hostname = "mx.example", Limits = new ServerLimits { MinimumRate = 10, BodyTimeout = TimeSpan.FromMinutes(1) } };
        var client = await rig.BeginBodyAsync();
        var dripping = DripAsync(rig, client, TimeSpan.FromSeconds(1), () => rig.Time.Elapsed < TimeSpan.FromHours(1) ? new string('x', octetsASecond) : "\r\n.\r\n");
        Assert.StartsWith(ends ? "421 4.4.2" : "250", await client.ReadReplyAsync(), StringComparison.Ordinal);
        await client.Transport.DisposeAsync();
        await dripping;
    });

    [Fact]
    public void A_silent_body_is_told_421_and_abandoned() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        await client.SendAsync("a beginning\r\n");
        Assert.StartsWith("421 4.4.2", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.InRange(rig.Time.Elapsed, BodyTimeout, BodyTimeout + Tolerance);
        Assert.Equal(1, rig.Handlers[0].Abandoned);
    });

    [Fact]
    public void A_body_that_drips_runs_out_of_time() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        var dripping = DripAsync(rig, client, TimeSpan.FromSeconds(20), () => "x");
        Assert.StartsWith("421 4.4.2", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.InRange(rig.Time.Elapsed, BodyTimeout - Tolerance, BodyTimeout + (3 * Tolerance));
        await dripping;
    });

    [Fact]
    public void A_body_that_is_slow_but_steady_is_taken() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        await client.SendAsync("\r\n");
        for (var i = 0; i < 400; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(9), rig.Time);
            await client.SendAsync(new string('x', 998) + "\r\n");
        }
        await client.SendAsync(".\r\n");
        Assert.Equal(["250"], await client.ReadCodesAsync(1));
        Assert.Equal(400_002, rig.Handlers[0].Accepted[0].Length);
    });

    [Fact]
    public void A_peer_that_takes_no_replies_is_cut_off() => ServerRig.Run(
        async rig =>
        {
            var client = await rig.ConnectAsync();
            Assert.Equal(["220"], await client.ReadCodesAsync(1));
            await client.SendAsync("EHLO x.example\r\n");
            for (var i = 0; i < 5; i++)
                await client.SendAsync("HELP\r\nHELP\r\n");
            await Task.Delay(CommandTimeout - Tolerance, rig.Time);
            Assert.Empty(rig.Ends);
            await Task.Delay(Tolerance * 2, rig.Time);
            Assert.Equal(SessionEndReason.TimedOut, Assert.Single(rig.Ends).Reason);
        },
        bufferSize: 64);

    [Fact]
    public void The_last_words_are_not_waited_for_long() => ServerRig.Run(
        async rig =>
        {
            var client = await rig.ConnectAsync();
            // The greeting fits and is left lying: there is no room for the 421.
            await Task.Delay(CommandTimeout + Tolerance, rig.Time);
            Assert.Empty(rig.Ends);
            await Task.Delay(TimeSpan.FromSeconds(32), rig.Time);
            Assert.Equal(SessionEndReason.TimedOut, Assert.Single(rig.Ends).Reason);
            client.Transport.Abort();
        },
        bufferSize: 40);

    [Fact]
    public void The_server_waits_for_its_own_handler_without_a_limit() => ServerRig.Run(async rig =>
    {
        var client = await rig.GreetAsync();
        rig.Handlers[0].OnQuestion = async _ =>
        {
            await Task.Delay(TimeSpan.FromHours(1), rig.Time);
            return Answer.Accept();
        };
        await client.SendAsync("MAIL FROM:<a@b.example>\r\n");
        Assert.Equal(["250"], await client.ReadCodesAsync(1));
        Assert.Equal(TimeSpan.FromHours(1), rig.Time.Elapsed);
    });

    private static async Task DripAsync(ServerRig rig, RigClient client, TimeSpan each, Func<string> drop)
    {
        try
        {
            while (rig.Ends.Count == 0)
            {
                await Task.Delay(each, rig.Time);
                await client.SendAsync(drop());
            }
        }
        catch (IOException)
        {
            // The server has had enough.
        }
    }
}
