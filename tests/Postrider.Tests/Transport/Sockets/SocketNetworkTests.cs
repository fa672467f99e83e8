using System.Net;
using System.Net.Sockets;
using Postrider.Transport;
using Postrider.Transport.Sockets;

namespace Postrider.Tests.Transport.Sockets;

public sealed class SocketNetworkTests
{
    private readonly SocketNetwork network = new();

    [Fact]
    public async Task Octets_go_both_ways_and_the_end_arrives()
    {
        var (client, server) = await PairAsync();
        await client.WriteAsync("ping"u8.ToArray());
        Assert.Equal("ping", await ReadAsync(server, 4));
        await server.WriteAsync("pong"u8.ToArray());
        await server.DisposeAsync();
        Assert.Equal("pong", await ReadAsync(client, 4));
        Assert.Equal(0, await client.ReadAsync(new byte[1]));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_read_into_nothing_waits_for_input_and_takes_none()
    {
        var (client, server) = await PairAsync();
        var waiting = server.ReadAsync(Memory<byte>.Empty);
        Assert.False(waiting.IsCompleted);
        await client.WriteAsync("x"u8.ToArray());
        Assert.Equal(0, await waiting);
        Assert.Equal("x", await ReadAsync(server, 1));
        client.Abort();
        server.Abort();
    }

    [Fact]
    public async Task A_cancelled_read_leaves_the_connection_whole()
    {
        var (client, server) = await PairAsync();
        using var source = new CancellationTokenSource();
        var read = server.ReadAsync(Memory<byte>.Empty, source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await server.WriteAsync("421"u8.ToArray());
        await server.DisposeAsync();
        Assert.Equal("421", await ReadAsync(client, 3));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task An_abort_ends_what_is_under_way_with_an_IOException()
    {
        var (client, server) = await PairAsync();
        var reading = server.ReadAsync(new byte[8]).AsTask();
        server.Abort();
        await Assert.ThrowsAsync<IOException>(() => reading);
        await Assert.ThrowsAsync<IOException>(() => server.ReadAsync(new byte[8]).AsTask());
        await Assert.ThrowsAsync<IOException>(() => server.WriteAsync("x"u8.ToArray()).AsTask());
        await Assert.ThrowsAsync<IOException>(() => client.ReadAsync(new byte[8]).AsTask());
        await server.DisposeAsync();
        await client.DisposeAsync();
    }

    [Fact]
    public async Task An_abort_frees_a_writer_whose_peer_does_not_read()
    {
        var (client, server) = await PairAsync();
        var writing = server.WriteAsync(new byte[64 * 1024 * 1024]).AsTask();
        Assert.False(writing.IsCompleted);
        server.Abort();
        await Assert.ThrowsAsync<IOException>(() => writing);
        client.Abort();
    }

    [Fact]
    public async Task Unread_input_does_not_cost_the_peer_the_last_reply()
    {
        var (client, server) = await PairAsync();
        await client.WriteAsync(new byte[10_000]);
        await server.ReadAsync(new byte[1]);
        await server.WriteAsync("421 bye"u8.ToArray());
        await server.DisposeAsync();
        Assert.Equal("421 bye", await ReadAsync(client, 7));
        Assert.Equal(0, await client.ReadAsync(new byte[1]));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Both_loopbacks_listen_at_one_port()
    {
        await using var four = network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using var six = network.Listen(new IPEndPoint(IPAddress.IPv6Loopback, four.EndPoint.Port));
        foreach (var listener in new[] { four, six })
        {
            var client = await network.ConnectAsync(listener.EndPoint);
            var server = await listener.AcceptAsync();
            Assert.Equal(listener.EndPoint, server!.LocalEndPoint);
            Assert.Equal(client.LocalEndPoint, server.RemoteEndPoint);
            Assert.Equal(listener.EndPoint.AddressFamily, client.LocalEndPoint!.AddressFamily);
            client.Abort();
            server.Abort();
        }
    }

    [Fact]
    public async Task Any_address_of_either_family_listens_at_one_port()
    {
        await using var six = network.Listen(new IPEndPoint(IPAddress.IPv6Any, 0));
        await using var four = network.Listen(new IPEndPoint(IPAddress.Any, six.EndPoint.Port));
        var client = await network.ConnectAsync(new IPEndPoint(IPAddress.Loopback, four.EndPoint.Port));
        var server = await four.AcceptAsync();
        Assert.Equal(client.RemoteEndPoint, server!.LocalEndPoint);
        client.Abort();
        server.Abort();
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named_with_the_reason()
    {
        await using var listener = network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var thrown = Assert.Throws<IOException>(() => network.Listen(listener.EndPoint));
        Assert.Contains(listener.EndPoint.ToString(), thrown.Message, StringComparison.Ordinal);
        Assert.Contains("another program", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_of_no_interface_is_named_with_the_reason()
    {
        var thrown = Assert.Throws<IOException>(() => network.Listen(new IPEndPoint(IPAddress.Parse("192.0.2.77"), 0)));
        Assert.Contains("192.0.2.77", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("no interface", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_can_be_had_again_at_once_after_a_stop()
    {
        var listener = network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var client = await network.ConnectAsync(listener.EndPoint);
        var server = await listener.AcceptAsync();
        await server!.DisposeAsync();
        Assert.Equal(0, await client.ReadAsync(new byte[1]));
        await client.DisposeAsync();
        await listener.DisposeAsync();
        await using var again = network.Listen(listener.EndPoint);
        Assert.Equal(listener.EndPoint, again.EndPoint);
    }

    [Fact]
    public async Task A_refused_connection_says_where_and_why()
    {
        var listener = network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await listener.DisposeAsync();
        var thrown = await Assert.ThrowsAsync<IOException>(() => network.ConnectAsync(listener.EndPoint).AsTask());
        Assert.Contains(listener.EndPoint.ToString(), thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_listener_gives_null_to_who_waits_and_who_comes_later()
    {
        var listener = network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var waiting = listener.AcceptAsync().AsTask();
        await listener.DisposeAsync();
        Assert.Null(await waiting);
        Assert.Null(await listener.AcceptAsync());
    }

    [Theory]
    [InlineData(SocketError.ConnectionAborted, true)]
    [InlineData(SocketError.ConnectionReset, true)]
    [InlineData(SocketError.TooManyOpenSockets, false)]
    [InlineData(SocketError.NoBufferSpaceAvailable, false)]
    [InlineData(SocketError.SocketError, false)]
    public void An_error_of_the_peer_is_passed_over_any_other_is_waited_out(SocketError error, bool ofThePeer) =>
        Assert.Equal(ofThePeer, SocketListener.IsOfThePeer(error));

    private async Task<(ITransport Client, ITransport Server)> PairAsync()
    {
        await using var listener = network.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var client = await network.ConnectAsync(listener.EndPoint);
        return (client, (await listener.AcceptAsync())!);
    }

    private static async Task<string> ReadAsync(ITransport transport, int count)
    {
        var buffer = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await transport.ReadAsync(buffer.AsMemory(read));
            Assert.NotEqual(0, more);
            read += more;
        }
        return System.Text.Encoding.ASCII.GetString(buffer);
    }
}
