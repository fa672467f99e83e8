using System.Net;
using System.Text;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Testing.Networks;
using Postrider.Testing.Servers;
using Postrider.Testing.Simulations;
using Postrider.Tests.Transport.Listening;
using Postrider.Transport;
using Postrider.Transport.Sockets;

namespace Postrider.Tests.Testing.Servers;

public sealed class SmtpTestServerTests
{
    private const string Transaction = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n";

    [Fact]
    public void It_keeps_what_it_is_sent()
    {
        var simulation = new Simulation(1);
        simulation.Run(async () =>
        {
            var network = new InMemoryNetwork(simulation.Time, simulation.Random);
            await using var server = SmtpTestServer.Start(network, simulation.Time, new IPEndPoint(IPAddress.Parse("192.0.2.1"), 25));
            var waiting = server.WaitForAsync(2);
            var client = await ConnectAsync(network, server);
            foreach (var content in new[] { "one\r\n..\r\n.\r\n", "two\r\n.\r\n" })
            {
                await client.SendAsync(Transaction + content);
                Assert.Equal(["250", "250", "250", "354", "250"], await client.ReadCodesAsync(5));
            }
            var received = await waiting;
            Assert.Equal(["one\r\n.\r\n", "two\r\n"], received.Select(mail => Encoding.ASCII.GetString(mail.Content.Span)), StringComparer.Ordinal);
            Assert.Equal("a@b.example", received[0].Envelope.ReversePath.ToString());
            Assert.Equal(["c@d.example", "e@d.example"], received[0].Envelope.Recipients.Select(recipient => recipient.Mailbox.ToString()), StringComparer.Ordinal);
            Assert.Equal("client.example", received[0].Session.PeerName);
            Assert.Equal(received[0].Content.Length, received[0].Facts.Length);
        });
    }

    [Fact]
    public void Its_policy_refuses()
    {
        var simulation = new Simulation(1);
        simulation.Run(async () =>
        {
            var network = new InMemoryNetwork(simulation.Time, simulation.Random);
            await using var server = SmtpTestServer.Start(network, simulation.Time);
            server.Policy = (question, _) => new(question is EndOfMessageQuestion
                ? Answer.Refuse(new Reply(554, new EnhancedStatusCode(5, 7, 1), "Not this one"))
                : Answer.Accept());
            var client = await ConnectAsync(network, server);
            await client.SendAsync(Transaction + "x\r\n.\r\n");
            Assert.Equal(["250", "250", "250", "354", "554"], await client.ReadCodesAsync(5));
            Assert.Empty(server.Received);
        });
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        await using var server = SmtpTestServer.Start();
        using var source = new CancellationTokenSource();
        var waiting = server.WaitForAsync(1, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Over_sockets_many_sessions_at_once_each_get_their_answers()
    {
        var network = new SocketNetwork();
        await using var server = SmtpTestServer.Start();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async number =>
        {
            var client = await ConnectAsync(network, server);
            for (var i = 0; i < 5; i++)
            {
                await client.SendAsync(Transaction);
                Assert.Equal(["250", "250", "250", "354"], await client.ReadCodesAsync(4));
                await client.SendAsync($"{number} {i}\r\n{new string('x', 900)}\r\n.\r\n");
                Assert.Equal(["250"], await client.ReadCodesAsync(1));
            }
            await client.SendAsync("QUIT\r\n");
            Assert.StartsWith("221", await client.ReadToEndAsync(), StringComparison.Ordinal);
        }));
        var received = await server.WaitForAsync(200);
        Assert.Equal(200, received.Select(mail => Encoding.ASCII.GetString(mail.Content.Span)).Distinct(StringComparer.Ordinal).Count());
    }

    private static async Task<RigClient> ConnectAsync(INetwork network, SmtpTestServer server)
    {
        var client = new RigClient(await network.ConnectAsync(server.EndPoint));
        Assert.Equal(["220"], await client.ReadCodesAsync(1));
        await client.SendAsync("EHLO client.example\r\n");
        Assert.Equal(["250"], await client.ReadCodesAsync(1));
        return client;
    }
}
