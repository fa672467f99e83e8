using Postrider.Smtp.Client;
using Postrider.Transport.Dialing;

namespace Postrider.Tests.Transport.Dialing;

public sealed class ConnectionPoolTests
{
    [Fact]
    public void One_connection_serves_one_message_after_the_other()
    {
        var fixture = new DialingFixture(1);
        Run(fixture, new PoolSettings(), async pool =>
        {
            for (var i = 0; i < 20; i++)
                Assert.Equal(RecipientVerdict.Accepted, await SendAsync(pool, fixture));
            Assert.Equal((1L, 1), (pool.Opened, pool.Idle));
            // Another site's connections are its own, though the address is the same.
            Assert.Equal(RecipientVerdict.Accepted, await SendAsync(pool, fixture, "other"));
            Assert.Equal((2L, 2), (pool.Opened, pool.Idle));
        });
    }

    [Fact]
    public void As_many_connections_as_messages_at_a_time()
    {
        var fixture = new DialingFixture(1);
        Run(fixture, new PoolSettings(), async pool =>
        {
            for (var round = 0; round < 3; round++)
                await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => SendAsync(pool, fixture)));
            Assert.Equal((5L, 5), (pool.Opened, pool.Idle));
        });
    }

    [Fact]
    public void A_resting_connection_is_closed_by_QUIT_after_its_time()
    {
        var fixture = new DialingFixture(1);
        Run(fixture, new PoolSettings(), async pool =>
        {
            await SendAsync(pool, fixture);
            await Task.Delay(TimeSpan.FromSeconds(9), fixture.Simulation.Time);
            Assert.Equal(1, pool.Idle);
            await Task.Delay(TimeSpan.FromSeconds(2), fixture.Simulation.Time);
            Assert.Equal(0, pool.Idle);
            await SendAsync(pool, fixture);
            Assert.Equal(2, pool.Opened);
        });
    }

    [Fact]
    public void Use_keeps_a_connection_young_until_it_is_too_old()
    {
        var fixture = new DialingFixture(1);
        Run(fixture, new PoolSettings { MaxAge = TimeSpan.FromMinutes(1), MaxTransactions = 5 }, async pool =>
        {
            for (var i = 0; i < 4; i++)
            {
                await SendAsync(pool, fixture);
                await Task.Delay(TimeSpan.FromSeconds(8), fixture.Simulation.Time);
            }
            Assert.Equal(1, pool.Opened);
            await SendAsync(pool, fixture);
            Assert.Equal(0, pool.Idle);
            for (var i = 0; i < 9; i++)
            {
                await SendAsync(pool, fixture);
                await Task.Delay(TimeSpan.FromSeconds(9), fixture.Simulation.Time);
            }
            Assert.Equal(3, pool.Opened);
        });
    }

    [Theory]
    [InlineData("close")]
    [InlineData("421")]
    [InlineData("garbage")]
    [InlineData("reset")]
    [InlineData("421 to MAIL")]
    [InlineData("close at MAIL")]
    public void A_connection_that_died_while_resting_costs_nothing(string how)
    {
        var fixture = new DialingFixture(1);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var pool = new ConnectionPool(fixture.Network, fixture.Simulation.Time);
            Assert.Equal(RecipientVerdict.Accepted, await SendAsync(pool, fixture));
            await Task.Delay(TimeSpan.FromSeconds(3), fixture.Simulation.Time);
            Assert.Equal(RecipientVerdict.Accepted, await SendAsync(pool, fixture));
            Assert.Equal(2, pool.Opened);
            await pool.DisposeAsync();
            await serving;
        });

        async Task ServeAsync()
        {
            await using (var first = await ScriptedPeer.GreetAsync(fixture.Listener, "PIPELINING"))
            {
                await first.TakeMessageAsync();
                await Task.Delay(TimeSpan.FromSeconds(1), fixture.Simulation.Time);
                if (how == "421")
                    await first.SayAsync("421 4.4.2 idle");
                if (how == "garbage")
                    await first.SayAsync("what?");
                if (how == "reset")
                    first.Abort();
                if (how.EndsWith("MAIL", StringComparison.Ordinal))
                    await first.HearAsync();
                if (how == "421 to MAIL")
                    await first.SayAsync("421 4.7.0 enough on this connection");
            }
            await using var second = await ScriptedPeer.GreetAsync(fixture.Listener, "PIPELINING");
            await second.TakeMessageAsync();
            await second.TakeMessageAsync();
        }
    }

    [Fact]
    public void A_connection_that_dies_later_is_not_tried_again()
    {
        var fixture = new DialingFixture(1);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var pool = new ConnectionPool(fixture.Network, fixture.Simulation.Time);
            Assert.Equal(RecipientVerdict.Accepted, await SendAsync(pool, fixture));
            Assert.Equal(RecipientVerdict.Deferred, await SendAsync(pool, fixture));
            Assert.Equal((1L, 0), (pool.Opened, pool.Idle));
            await serving;
        });

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener);
            await peer.TakeMessageAsync();
            await peer.HearAsync();
            await peer.SayAsync("250 ok");
        }
    }

    private static async Task<RecipientVerdict> SendAsync(ConnectionPool pool, DialingFixture fixture, string site = "site") =>
        (await pool.SendAsync(site, ScriptedPeer.Address, fixture.Settings, fixture.Tls, DialingFixture.MakeEnvelope(), new TextContent("hi\r\n"))).Recipients[0].Verdict;

    // Serves any number of connections that each end by QUIT.
    private static void Run(DialingFixture fixture, PoolSettings settings, Func<ConnectionPool, Task> body) =>
        fixture.Simulation.Run(async () =>
        {
            var sessions = new List<Task<bool>>();
            var accepting = AcceptAsync();
            await using (var pool = new ConnectionPool(fixture.Network, fixture.Simulation.Time, settings))
                await body(pool);
            await fixture.Listener.DisposeAsync();
            await accepting;
            Assert.All(await Task.WhenAll(sessions), Assert.True);

            async Task AcceptAsync()
            {
                while (await fixture.Listener.AcceptAsync() is { } transport)
                    sessions.Add(ServeAsync(new ScriptedPeer(transport)));
            }

            static async Task<bool> ServeAsync(ScriptedPeer peer)
            {
                await using var session = peer;
                await peer.SayAsync("220 mx.example");
                await peer.HearAsync();
                await peer.SayAsync("250-mx.example", "250 PIPELINING");
                while (await peer.TakeMessageAsync() is not null)
                {
                }
                return true;
            }
        });
}
