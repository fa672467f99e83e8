using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Postrider.FunctionalTests;

public sealed class StopTests
{
    [Fact]
    public async Task SIGTERM_under_load_loses_nothing_that_was_accepted()
    {
        await using var server = await ServerProcess.StartAsync();
        var accepted = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var senders = Enumerable.Range(0, 8).Select(i => Task.Run(() => SendAsync(server.EndPoint, i, accepted, stop.Token))).ToArray();
        await Eventually.FoundAsync(() => accepted.Count >= 200 ? "" : null, () => server.Output);
        await server.StopAsync();
        await stop.CancelAsync();
        await Task.WhenAll(senders);

        await server.StartAgainAsync();
        var boxes = new Mailboxes(server);
        await Eventually.FoundAsync(() => boxes.All().Length >= accepted.Count ? "" : null, () => $"{accepted.Count} accepted, {boxes.All().Length} delivered\n{server.Output}");
        var texts = boxes.All().Select(File.ReadAllText).ToList();
        foreach (var name in accepted)
            Assert.Single(texts, text => text.Contains($"Message-ID: <{name}@load.example>\n", StringComparison.Ordinal));
    }

    // The listener takes connections before the rest of the program has started.
    [Fact]
    public async Task SIGTERM_as_soon_as_it_listens_ends_it()
    {
        await using var server = await ServerProcess.StartAsync();
        for (var start = 0; start < 3; start++)
        {
            await server.StopAsync();
            server.Launch();
            await Eventually.TrueAsync(() => !IsRefused(server.EndPoint), () => server.Output);
        }
        await server.StopAsync();
    }

    [Fact]
    public async Task A_session_that_waits_is_told_421_when_the_server_stops()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(server.EndPoint);
        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith("220", await reader.ReadLineAsync(), StringComparison.Ordinal);
        var stopping = server.StopAsync();
        Assert.StartsWith("421 4.3.2", await reader.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Null(await reader.ReadLineAsync());
        await stopping;
    }

    [Fact]
    public async Task A_message_under_way_may_be_finished_while_the_server_stops()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(server.EndPoint);
        using var reader = new StreamReader(client.GetStream());
        await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        await reader.ReadLineAsync();
        foreach (var command in new[] { "HELO x.example", "MAIL FROM:<>", "RCPT TO:<a@b.example>", "DATA" })
        {
            await writer.WriteLineAsync(command);
            await reader.ReadLineAsync();
        }
        await writer.WriteLineAsync("Subject: half");
        var stopping = server.StopAsync();
        // Once it accepts no more connections, the stop has reached the sessions.
        await Eventually.FoundAsync(() => IsRefused(server.EndPoint) ? "" : null, () => server.Output);
        await writer.WriteLineAsync("\r\n.");
        Assert.StartsWith("250 2.0.0 Queued as", await reader.ReadLineAsync(), StringComparison.Ordinal);
        Assert.StartsWith("421", await reader.ReadLineAsync(), StringComparison.Ordinal);
        await stopping;
        await server.StartAgainAsync();
        await new Mailboxes(server).ExpectAsync("a", "b.example");
    }

    private static bool IsRefused(IPEndPoint endPoint)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(endPoint);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task SendAsync(IPEndPoint endPoint, int sender, ConcurrentBag<string> accepted, CancellationToken stop)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(endPoint, stop);
            using var reader = new StreamReader(client.GetStream());
            await using var writer = new StreamWriter(client.GetStream()) { NewLine = "\r\n", AutoFlush = true };
            await reader.ReadLineAsync(stop);
            await writer.WriteLineAsync("HELO load.example");
            await reader.ReadLineAsync(stop);
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var name = $"{sender}.{i}";
                await writer.WriteLineAsync($"MAIL FROM:<s@load.example>\r\nRCPT TO:<box{sender}@load.example>\r\nDATA");
                await reader.ReadLineAsync(stop);
                await reader.ReadLineAsync(stop);
                if (await reader.ReadLineAsync(stop) is not ['3', '5', '4', ..])
                    return;
                await writer.WriteLineAsync($"Message-ID: <{name}@load.example>\r\n\r\ntext\r\n.");
                if (await reader.ReadLineAsync(stop) is not ['2', '5', '0', ..])
                    return;
                accepted.Add(name);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The server has stopped, or the test has.
        }
    }
}
