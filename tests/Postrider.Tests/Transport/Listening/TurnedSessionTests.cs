using Postrider.Smtp.Client;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Server;
using Postrider.Tests.Transport.Dialing;
using Postrider.Testing.Networks;
using Postrider.Transport;
using Postrider.Transport.Dialing;
using Postrider.Transport.Listening;

namespace Postrider.Tests.Transport.Listening;

/// <summary>A connection whose roles change: the server's side goes to a client session, the client's to a server session.</summary>
public sealed class TurnedSessionTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly ClientSettings client = new() { HelloName = "mx.example" };
    private static readonly ServerSettings turning = new() { Hostname = "mx.example", Extensions = SmtpExtensions.Standard.With(new TurnExtension(_ => true)) };

    [Fact]
    public void The_server_sends_as_client_on_the_same_connection() => ServerRig.Run(async rig =>
    {
        rig.Settings = turning;
        var peer = await rig.GreetAsync();
        Send(rig, 1);
        await peer.SendAsync("TURN\r\n");
        Assert.StartsWith("250 2.0.0 OK now reversing", await peer.ReadReplyAsync(), StringComparison.Ordinal);
        await peer.SendAsync("220 peer.example\r\n");
        Assert.Equal("EHLO mx.example\r\n", await peer.ReadReplyAsync());
        await peer.SendAsync("250 peer.example\r\n");
        foreach (var command in (string[])["MAIL FROM:<a@x.example>", "RCPT TO:<r0@y.example>", "DATA"])
        {
            Assert.Equal(command + "\r\n", await peer.ReadReplyAsync());
            await peer.SendAsync(command == "DATA" ? "354 go\r\n" : "250 ok\r\n");
        }
        Assert.Equal("hi\r\n", await peer.ReadReplyAsync());
        Assert.Equal(".\r\n", await peer.ReadReplyAsync());
        await peer.SendAsync("250 taken\r\n");
        Assert.Equal("QUIT\r\n", await peer.ReadReplyAsync());
        await peer.SendAsync("221 bye\r\n");
        Assert.Equal("", await peer.ReadToEndAsync());
        Assert.Equal(SessionEndReason.Turned, Assert.Single(rig.Ends).Reason);
    });

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Both_directions_go_over_one_connection(int seed, bool fragment) => ServerRig.Run(async rig =>
    {
        rig.Settings = turning;
        await using var connection = await SmtpConnection.OpenAsync(rig.Network, rig.Server.EndPoints[0], new ClientSettings { HelloName = "peer.example" }, null, rig.Time);
        Assert.True(connection.Peer!.Offers("TURN"));
        await connection.SendAsync(DialingFixture.MakeEnvelope(), new TextContent("to the server\r\n"));
        Send(rig, 3);
        var transport = await connection.TurnAsync(null);
        Assert.Equal(250, connection.TurnReply!.Code);
        Assert.False(connection.IsUsable);

        var taken = new RecordingHandler();
        await using var receiving = new SmtpServer(rig.Network, rig.Time, () => turning, _ => taken);
        var facts = new SessionFacts { IsTurned = true };
        var end = await receiving.ServeAsync(transport!, facts, new ServerSettings { Hostname = "peer.example" });
        Assert.Equal((SessionEndReason.Closed, 3), (end!.Value.Reason, end.Value.MessagesAccepted));
        Assert.Equal(["hi\r\n", "hi\r\n", "hi\r\n"], taken.Accepted);
        Assert.Equal(["to the server\r\n"], rig.Handlers[0].Accepted);
    },
        null,
        seed,
        fragment,
        bufferSize: 200);

    [Fact]
    public void A_server_that_does_not_turn_goes_on() => ServerRig.Run(async rig =>
    {
        await using var connection = await SmtpConnection.OpenAsync(rig.Network, rig.Server.EndPoints[0], client, null, rig.Time);
        Assert.Null(await connection.TurnAsync(["example.org"]));
        Assert.Equal(502, connection.TurnReply!.Code);
        Assert.True(connection.IsUsable);
        await connection.QuitAsync();
        Assert.Equal(EndingKind.Quit, connection.Ending!.Kind);
    });

    [Fact]
    public void A_peer_that_never_greets_is_given_up() => ServerRig.Run(async rig =>
    {
        rig.Settings = turning;
        var peer = await rig.GreetAsync();
        Send(rig, 1);
        await peer.SendAsync("TURN\r\n");
        Assert.StartsWith("250", await peer.ReadReplyAsync(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(peer.ReadToEndAsync);
        Assert.Equal(new ClientTimeouts().Greeting, rig.Time.Elapsed);
    });

    [Fact]
    public void What_comes_behind_TURN_is_read_by_nobody() => ServerRig.Run(async rig =>
    {
        rig.Settings = turning;
        var peer = await rig.GreetAsync();
        await peer.SendAsync("TURN\r\n220 peer.example\r\n");
        Assert.StartsWith("554 5.5.1 ", await peer.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(SessionEndReason.Closed, Assert.Single(rig.Ends).Reason);
    });

    [Fact]
    public void A_stop_is_told_to_what_speaks_as_client_and_waits_for_it() => ServerRig.Run(async rig =>
    {
        rig.Settings = turning;
        var peer = await rig.GreetAsync();
        rig.Handlers[0].OnTurn = async (turned, token) =>
        {
            var stopped = new TaskCompletionSource();
            await using var registration = turned.Stopping.Register(stopped.SetResult);
            await stopped.Task;
            Assert.False(token.IsCancellationRequested);
            await Task.Delay(TimeSpan.FromSeconds(2), rig.Time, token);
        };
        await peer.SendAsync("TURN\r\n");
        await peer.ReadReplyAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        await rig.Server.StopAsync(Grace);
        Assert.Equal(TimeSpan.FromSeconds(3), rig.Time.Elapsed);
    });

    [Fact]
    public void After_the_grace_the_connection_is_cut() => ServerRig.Run(async rig =>
    {
        rig.Settings = turning;
        var peer = await rig.GreetAsync();
        Send(rig, 1);
        await peer.SendAsync("TURN\r\n");
        await peer.ReadReplyAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        await rig.Server.StopAsync(Grace);
        Assert.Equal(TimeSpan.FromSeconds(1) + Grace, rig.Time.Elapsed);
        await Assert.ThrowsAsync<IOException>(peer.ReadToEndAsync);
    });

    [Fact]
    public void A_handler_that_throws_ends_the_session_and_nothing_else() => ServerRig.Run(async rig =>
    {
        rig.Settings = turning;
        var peer = await rig.GreetAsync();
        await peer.SendAsync("TURN\r\n");
        Assert.StartsWith("250", await peer.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.IsType<InvalidOperationException>(Assert.Single(rig.Failures));
        await rig.GreetAsync();
    });

    [Fact]
    public void A_session_on_a_turned_connection_stops_with_the_server() => ServerRig.Run(async rig =>
    {
        var (ours, theirs) = await PairAsync(rig);
        var serving = rig.Server.ServeAsync(ours, new SessionFacts { IsTurned = true }, turning);
        var peer = new RigClient(theirs);
        Assert.StartsWith("220 ", await peer.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(1, rig.Server.SessionCount);
        await rig.Server.StopAsync(Grace);
        Assert.StartsWith("421 4.3.2", await peer.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(SessionEndReason.ServerStopped, (await serving)!.Value.Reason);

        (ours, theirs) = await PairAsync(rig);
        Assert.Null(await rig.Server.ServeAsync(ours, new SessionFacts { IsTurned = true }, turning));
        Assert.StartsWith("421 4.3.2", await new RigClient(theirs).ReadToEndAsync(), StringComparison.Ordinal);
    });

    // Sends so many messages and says QUIT.
    private static void Send(ServerRig rig, int messages) => rig.Handlers[^1].OnTurn = async (turned, token) =>
    {
        await using var connection = await SmtpConnection.TakeOverAsync(turned.Transport, client, turned.Peer.Tls, rig.Time, cancellationToken: token);
        for (var i = 0; i < messages && connection.IsUsable; i++)
            await connection.SendAsync(DialingFixture.MakeEnvelope(), new TextContent("hi\r\n"), token);
        await connection.QuitAsync(token);
    };

    private static async Task<(ITransport Ours, ITransport Theirs)> PairAsync(ServerRig rig)
    {
        await using var listener = rig.Network.Listen(ScriptedPeer.Address);
        var accepting = listener.AcceptAsync();
        var ours = await rig.Network.ConnectAsync(ScriptedPeer.Address);
        return (ours, (await accepting)!);
    }
}
