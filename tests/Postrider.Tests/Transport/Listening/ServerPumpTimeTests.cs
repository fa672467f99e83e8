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
