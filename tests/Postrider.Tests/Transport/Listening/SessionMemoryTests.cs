using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Tests.Transport.Listening;

/// <summary>The memory of all sessions together: who finds none waits, and nobody fails.</summary>
public sealed class SessionMemoryTests
{
    [Fact]
    public async Task Who_waits_is_served_in_turn()
    {
        var memory = new SessionMemory(4 * SessionMemory.Share);
        Assert.True(memory.TryTake());
        Assert.True(memory.TryTake());
        Assert.False(memory.TryTake());
        using var cut = new CancellationTokenSource();
        var first = memory.TakeAsync(default).AsTask();
        var second = memory.TakeAsync(cut.Token).AsTask();
        var third = memory.TakeAsync(default).AsTask();
        Assert.False(first.IsCompleted || second.IsCompleted || third.IsCompleted);
        memory.Give();
        await first;
        await cut.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);

        // Who has not waited does not overtake.
        memory.Give();
        await third;
        Assert.False(memory.TryTake());
        memory.Give();
        memory.Give();
        Assert.Equal(0, memory.Used);
        Assert.True(memory.TryTake());
    }

    [Fact]
    public async Task A_limit_that_is_raised_lets_in_who_waits()
    {
        var memory = new SessionMemory(1);
        Assert.True(memory.TryTake());
        var waiting = memory.TakeAsync(default).AsTask();
        Assert.False(waiting.IsCompleted);
        memory.Limit = 4 * SessionMemory.Share;
        await waiting;
    }

    [Fact]
    public void However_many_send_at_once_all_get_their_mail_through()
    {
        const int Clients = 400;
        const long Limit = 8 * SessionMemory.Share;
        var most = 0L;
        var body = string.Concat(Enumerable.Repeat(new string('x', 70) + "\r\n", 300));
        ServerRig? served = null;
        ServerRig.Run(
            async rig =>
            {
                served = rig;
                rig.Server.SessionMemory = Limit;
                await Task.WhenAll(Enumerable.Range(0, Clients).Select(async i =>
                {
                    var client = new RigClient((await rig.ConnectAsync()).Transport);
                    await client.ReadReplyAsync();
                    await client.SendAsync("EHLO client.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDA");
                    await Task.Delay(TimeSpan.FromSeconds(i % 7), rig.Time);
                    await client.SendAsync("TA\r\n");
                    Assert.Equal(["250", "250", "250", "354"], await client.ReadCodesAsync(4));
                    await client.SendAsync(body);
                    await Task.Delay(TimeSpan.FromSeconds(i % 5), rig.Time);
                    await client.SendAsync(".\r\nQUIT\r\n");
                    Assert.Equal(["250", "221"], await client.ReadCodesAsync(2));
                }));
                Assert.Equal(Clients, rig.Handlers.Sum(static handler => handler.Accepted.Count));
                Assert.All(rig.Handlers, handler => Assert.Equal(body, handler.Accepted[0]));
            },
            () => new RecordingHandler
            {
                OnBody = async _ =>
                {
                    most = Math.Max(most, served!.Server.SessionMemoryUsed);
                    await Task.Delay(TimeSpan.FromMilliseconds(50), served.Time);
                    return null;
                },
            });
        // What is held for one recipient each comes on top.
        Assert.InRange(most, 3 * SessionMemory.Share, (4 * SessionMemory.Share) + (Clients * 300));
    }

    [Fact]
    public void Who_drips_takes_memory_from_nobody() => ServerRig.Run(async rig =>
    {
        rig.Server.SessionMemory = 8 * SessionMemory.Share;
        var drips = new List<RigClient>();
        for (var i = 0; i < 100; i++)
        {
            var drip = i % 2 == 0 ? await rig.BeginBodyAsync() : await rig.GreetAsync();
            await drip.SendAsync(i % 2 == 0 ? "Subject: x\r\n\r\nline\r\n." : "MAIL FROM:<a");
            drips.Add(drip);
        }
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        Assert.InRange(rig.Server.SessionMemoryUsed, 0, (3 * SessionMemory.Share) + (50 * 300));

        var before = rig.Time.Elapsed;
        var honest = await rig.BeginBodyAsync();
        await honest.SendAsync("Subject: x\r\n\r\n.\r\n");
        Assert.Equal(["250"], await honest.ReadCodesAsync(1));
        Assert.Equal(before, rig.Time.Elapsed);

        // What was put aside is still there.
        await drips[0].SendAsync("\r\n");
        Assert.Equal(["250"], await drips[0].ReadCodesAsync(1));
        Assert.Contains(rig.Handlers, static handler => handler.Accepted is ["Subject: x\r\n\r\nline\r\n"]);
        await drips[1].SendAsync("@b.example>\r\n");
        Assert.Equal(["250"], await drips[1].ReadCodesAsync(1));
    });

    [Fact]
    public void Who_waits_for_an_answer_takes_memory_from_nobody()
    {
        var isSlow = true;
        var answered = new TaskCompletionSource<Answer>();
        ServerRig.Run(
            async rig =>
            {
                rig.Server.SessionMemory = 8 * SessionMemory.Share;
                var slow = new List<RigClient>();
                for (var i = 0; i < 100; i++)
                {
                    var client = await rig.GreetAsync();
                    await client.SendAsync("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
                    slow.Add(client);
                }
                await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
                Assert.InRange(rig.Server.SessionMemoryUsed, 0, (3 * SessionMemory.Share) + (100 * 300));

                isSlow = false;
                var before = rig.Time.Elapsed;
                var quick = await rig.BeginBodyAsync();
                await quick.SendAsync("Subject: x\r\n\r\n.\r\n");
                Assert.Equal(["250"], await quick.ReadCodesAsync(1));
                Assert.Equal(before, rig.Time.Elapsed);

                // What they had sent meanwhile is not lost.
                answered.SetResult(Answer.Accept());
                foreach (var client in slow)
                    Assert.Equal(["250", "250", "354"], await client.ReadCodesAsync(3));
            },
            () => new RecordingHandler { OnQuestion = question => question is RecipientQuestion && isSlow ? new(answered.Task) : new(Answer.Accept()) });
    }

    [Fact]
    public void Transactions_get_their_first_recipient_and_no_more_where_all_have_too_many() => ServerRig.Run(async rig =>
    {
        rig.Server.SessionMemory = 20_000;
        var greedy = await rig.GreetAsync();
        await greedy.SendAsync("MAIL FROM:<>\r\n" + string.Concat(Enumerable.Range(0, 100).Select(static i => $"RCPT TO:<user{i}@example.org>\r\n")));
        var codes = await greedy.ReadCodesAsync(101);
        var taken = codes.Count(static code => code == "250") - 1;
        Assert.InRange(taken, 30, 60);
        Assert.All(codes.Skip(taken + 1), static code => Assert.Equal("452", code));
        Assert.Equal(100 - taken, rig.Refused.Count);
        Assert.Equal(ReplyCatalogue.NoRoomForRecipient.ToString(), rig.Refused[0]);

        var modest = await rig.GreetAsync();
        await modest.SendAsync("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        Assert.Equal(["250", "250", "452", "354"], await modest.ReadCodesAsync(4));
        await modest.SendAsync(".\r\n");
        Assert.Equal(["250"], await modest.ReadCodesAsync(1));

        // Once the message is sent there is room again.
        await greedy.SendAsync("DATA\r\n.\r\n");
        Assert.Equal(["354", "250"], await greedy.ReadCodesAsync(2));
        await modest.SendAsync("MAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n");
        Assert.Equal(["250", "250", "250"], await modest.ReadCodesAsync(3));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stop_reaches_who_waits_for_memory(bool hasGrace)
    {
        var stored = new TaskCompletionSource<Reply?>();
        ServerRig.Run(
            async rig =>
            {
                var waiting = await WaitBehindABodyAsync(rig);
                await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);

                var stop = rig.Server.StopAsync(hasGrace ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
                if (hasGrace)
                    Assert.StartsWith("421 4.3.2", await waiting.ReadToEndAsync(), StringComparison.Ordinal);
                stored.SetResult(null);
                await stop;
            },
            () => new RecordingHandler { OnBody = _ => new(stored.Task) });
    }

    [Fact]
    public void Nobody_waits_for_memory_longer_than_for_a_command()
    {
        var stored = new TaskCompletionSource<Reply?>();
        ServerRig.Run(
            async rig =>
            {
                var waiting = await WaitBehindABodyAsync(rig);
                Assert.StartsWith("421 4.4.2", await waiting.ReadToEndAsync(), StringComparison.Ordinal);
                Assert.InRange(rig.Time.Elapsed, ServerLimits.Default.CommandTimeout, ServerLimits.Default.CommandTimeout + TimeSpan.FromSeconds(4));
                stored.SetResult(null);
            },
            () => new RecordingHandler { OnBody = _ => new(stored.Task) });
    }

    // There is room for one session, and one that writes its body has it: another has said EHLO and waits.
    private static async Task<RigClient> WaitBehindABodyAsync(ServerRig rig)
    {
        rig.Server.SessionMemory = 1;
        var busy = await rig.BeginBodyAsync();
        await busy.SendAsync("Subject: x\r\n");
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        var waiting = await rig.ConnectAsync();
        await waiting.ReadReplyAsync();
        await waiting.SendAsync("EHLO client.example\r\n");
        return waiting;
    }
}
