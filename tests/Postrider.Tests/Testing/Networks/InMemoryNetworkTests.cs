using System.Net;
using Postrider.Testing.Networks;
using Postrider.Testing.Simulations;
using Postrider.Transport;

namespace Postrider.Tests.Testing.Networks;

public sealed class InMemoryNetworkTests
{
    private static readonly IPEndPoint Server = new(IPAddress.Parse("192.0.2.1"), 25);

    [Fact]
    public void What_is_written_is_read_in_order_however_it_is_cut()
    {
        var sizes = new HashSet<int>();
        for (var seed = 0; seed < 50; seed++)
        {
            Run(seed, async (simulation, network, client, server) =>
            {
                var octets = new byte[5000];
                simulation.Random.NextBytes(octets);
                var writing = WriteAsync(client, octets);
                var read = new List<byte>();
                var buffer = new byte[700];
                while (await server.ReadAsync(buffer) is > 0 and var count)
                {
                    sizes.Add(count);
                    read.AddRange(buffer[..count]);
                }
                await writing;
                Assert.Equal(octets, read);
            });
        }
        Assert.Contains(1, sizes);
        Assert.Contains(700, sizes);
        Assert.True(sizes.Count > 100);

        static async Task WriteAsync(ITransport client, byte[] octets)
        {
            await client.WriteAsync(octets.AsMemory(0, 1234));
            await client.WriteAsync(octets.AsMemory(1234));
            await client.DisposeAsync();
        }
    }

    [Fact]
    public void A_full_connection_holds_the_writer_up() => Run(1, async (_, network, client, server) =>
    {
        var writing = client.WriteAsync(new byte[(2 * network.BufferSize) + 1]).AsTask();
        await Task.Yield();
        Assert.False(writing.IsCompleted);
        var buffer = new byte[network.BufferSize];
        for (var taken = 0; taken <= network.BufferSize;)
            taken += await server.ReadAsync(buffer);
        await writing;
    });

    [Fact]
    public void A_read_into_nothing_waits_for_input_and_takes_none() => Run(1, async (_, _, client, server) =>
    {
        var waiting = server.ReadAsync(Memory<byte>.Empty).AsTask();
        await Task.Yield();
        Assert.False(waiting.IsCompleted);
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal(0, await waiting);
        var buffer = new byte[8];
        Assert.Equal(1, await server.ReadAsync(buffer));
    });

    [Fact]
    public void A_cancelled_read_leaves_the_connection_whole() => Run(1, async (_, _, client, server) =>
    {
        using var source = new CancellationTokenSource();
        var read = server.ReadAsync(new byte[8], source.Token).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, await server.ReadAsync(new byte[8]));
    });

    [Fact]
    public void Octets_are_under_way_for_the_latency()
    {
        var simulation = new Simulation(1);
        simulation.Run(async () =>
        {
            var network = new InMemoryNetwork(simulation.Time, simulation.Random) { Latency = TimeSpan.FromMilliseconds(40) };
            var (client, server) = await PairAsync(network);
            Assert.Equal(TimeSpan.FromMilliseconds(80), simulation.Time.Elapsed);
            await client.WriteAsync("x"u8.ToArray());
            await client.DisposeAsync();
            Assert.Equal(1, await server.ReadAsync(new byte[8]));
            Assert.Equal(0, await server.ReadAsync(new byte[8]));
            Assert.InRange(simulation.Time.Elapsed, TimeSpan.FromMilliseconds(120), TimeSpan.FromMilliseconds(121));
        });
    }

    [Fact]
    public void An_abort_breaks_both_sides() => Run(1, async (_, _, client, server) =>
    {
        var reading = server.ReadAsync(new byte[8]).AsTask();
        client.Abort();
        await Assert.ThrowsAsync<IOException>(() => reading);
        await Assert.ThrowsAsync<IOException>(() => server.WriteAsync("x"u8.ToArray()).AsTask());
        await Assert.ThrowsAsync<IOException>(() => client.ReadAsync(new byte[8]).AsTask());
    });

    [Fact]
    public void Nobody_listens_nobody_connects() => new Simulation(1).Run(async () =>
    {
        var network = new InMemoryNetwork(TimeProvider.System, new Random(1));
        var thrown = await Assert.ThrowsAsync<IOException>(() => network.ConnectAsync(Server).AsTask());
        Assert.Contains("192.0.2.1:25", thrown.Message, StringComparison.Ordinal);
        await using var listener = network.Listen(Server);
        Assert.Throws<IOException>(() => network.Listen(Server));
        network.Faults = _ => new LinkFaults { IsRefused = true };
        await Assert.ThrowsAsync<IOException>(() => network.ConnectAsync(Server).AsTask());
    });

    [Fact]
    public void A_silent_address_answers_only_to_cancellation()
    {
        var simulation = new Simulation(1);
        simulation.Run(async () =>
        {
            var network = new InMemoryNetwork(simulation.Time, simulation.Random) { Faults = _ => new LinkFaults { IsSilent = true } };
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5), simulation.Time);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => network.ConnectAsync(Server, limit.Token).AsTask());
            Assert.Equal(TimeSpan.FromMinutes(5), simulation.Time.Elapsed);
        });
    }

    [Fact]
    public void A_cut_comes_after_so_many_octets()
    {
        for (var cut = 0; cut < 12; cut++)
        {
            var simulation = new Simulation(cut);
            simulation.Run(async () =>
            {
                var network = new InMemoryNetwork(simulation.Time, simulation.Random) { Faults = _ => new LinkFaults { CutAfterSent = cut } };
                var (client, server) = await PairAsync(network);
                var broken = await Record.ExceptionAsync(() => client.WriteAsync("hello there"u8.ToArray()).AsTask());
                Assert.Equal(cut < 11, broken is IOException);
                var read = 0;
                await Assert.ThrowsAsync<IOException>(async () =>
                {
                    while (true)
                        read += await server.ReadAsync(new byte[8].AsMemory(0, 3));
                });
                Assert.Equal(Math.Min(cut, 11), read);
            });
            if (cut == 11)
                break;
        }
    }

    [Fact]
    public void A_listener_at_any_address_takes_each() => new Simulation(1).Run(async () =>
    {
        var network = new InMemoryNetwork(TimeProvider.System, new Random(1));
        var listener = network.Listen(new IPEndPoint(IPAddress.Any, 25));
        var client = await network.ConnectAsync(Server);
        var server = await listener.AcceptAsync();
        Assert.Equal(Server, server!.LocalEndPoint);
        Assert.Equal(client.LocalEndPoint, server.RemoteEndPoint);
        await listener.DisposeAsync();
        Assert.Null(await listener.AcceptAsync());
        await Assert.ThrowsAsync<IOException>(() => network.ConnectAsync(Server).AsTask());
    });

    private static void Run(int seed, Func<Simulation, InMemoryNetwork, ITransport, ITransport, Task> body)
    {
        var simulation = new Simulation(seed);
        simulation.Run(async () =>
        {
            var network = new InMemoryNetwork(simulation.Time, simulation.Random);
            var (client, server) = await PairAsync(network);
            await body(simulation, network, client, server);
        });
    }

    private static async Task<(ITransport Client, ITransport Server)> PairAsync(InMemoryNetwork network)
    {
        await using var listener = network.Listen(Server);
        var client = await network.ConnectAsync(Server);
        return (client, (await listener.AcceptAsync())!);
    }
}
