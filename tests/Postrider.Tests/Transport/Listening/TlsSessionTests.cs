using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Tests.Transport.Tls;
using Postrider.Transport;
using Postrider.Transport.Listening;
using Postrider.Transport.Sockets;
using Postrider.Transport.Tls;

namespace Postrider.Tests.Transport.Listening;

/// <summary>Sessions under TLS, over sockets: what a peer can do with a handshake and with records.</summary>
public sealed class TlsSessionTests : IAsyncDisposable
{
    private static readonly TestAuthority authority = new();
    private static readonly TlsServerSettings certificates = new(authority.Issue("mx.example"));
    private static readonly TlsClientSettings verifying = new() { TargetHost = "mx.example", Verify = true, TrustAnchors = [authority.Certificate] };

    private readonly SocketNetwork network = new();
    private readonly Watcher watcher = new();
    private readonly ConcurrentQueue<RecordingHandler> handlers = new();
    private readonly ConcurrentQueue<Question> questions = new();
    private readonly SmtpServer server;
    private readonly IPEndPoint plain;
    private readonly IPEndPoint implicitTls;
    private TlsServerSettings? offered = certificates;

    public TlsSessionTests()
    {
        var settings = new ServerSettings { Hostname = "mx.example", Extensions = SmtpExtensions.Standard.With(new StartTlsExtension()) };
        server = new SmtpServer(network, TimeProvider.System, () => settings, Make, watcher);
        plain = server.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenerProfile { Tls = () => offered });
        implicitTls = server.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenerProfile { Tls = () => offered, IsImplicitTls = true });
    }

    public static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Mail_comes_under_TLS_after_STARTTLS()
    {
        var client = await StartTlsAsync();
        await SendMailAsync(client);
        Assert.Equal("TLSv1.3", (await watcher.EndAsync()).Facts.Tls!.Protocol);
        Assert.Equal("mx.example", watcher.Last.Facts.Tls!.ServerName);
    }

    [Fact]
    public async Task Mail_comes_under_TLS_from_the_first_octet()
    {
        var client = await SecureAsync(await network.ConnectAsync(implicitTls));
        Assert.StartsWith("220 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        await SendMailAsync(client);
        Assert.Equal(SessionEndReason.Closed, (await watcher.EndAsync()).End.Reason);
    }

    [Fact]
    public async Task What_comes_in_the_clear_in_one_segment_with_STARTTLS_is_not_carried_out()
    {
        var client = await GreetAsync();
        await client.SendAsync("STARTTLS\r\nMAIL FROM:<mallory@example.net>\r\n");
        Assert.StartsWith("554 5.7.0 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("", await client.ReadReplyAsync());
        Assert.Empty(questions.OfType<MailQuestion>());
    }

    [Fact]
    public async Task What_comes_in_the_clear_before_the_handshake_is_not_carried_out()
    {
        var client = await GreetAsync();
        await client.SendAsync("STARTTLS\r\n");
        Assert.StartsWith("220 2.0.0 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        await client.SendAsync("MAIL FROM:<mallory@example.net>\r\n");
        Assert.Equal(SessionEndReason.TlsFailed, (await watcher.EndAsync()).End.Reason);
        Assert.Equal(TlsFailureKind.Protocol, watcher.TlsFailures.Single().Kind);
        Assert.Empty(questions.OfType<MailQuestion>());
    }

    [Fact]
    public async Task Without_a_certificate_TLS_is_not_available_and_the_session_goes_on()
    {
        offered = null;
        var client = await GreetAsync();
        await client.SendAsync("STARTTLS\r\nNOOP\r\n");
        Assert.StartsWith("554", await client.ReadReplyAsync(), StringComparison.Ordinal);

        client = await GreetAsync();
        await client.SendAsync("STARTTLS\r\n");
        Assert.StartsWith("454 4.7.0 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        await client.SendAsync("QUIT\r\n");
        Assert.StartsWith("221", await client.ReadReplyAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_handshake_sees_the_certificate_that_is_in_force_when_it_begins()
    {
        var before = await StartTlsAsync();
        offered = new TlsServerSettings(authority.Issue("mx.example", "renewed.example"));
        var (client, handshake) = await UpgradeAsync(await GreetAsync());
        Assert.Equal(["mx.example", "renewed.example"], handshake.Facts!.PeerCertificate!.Names);
        // The session that began before goes on.
        await SendMailAsync(before);
        await SendMailAsync(client);
    }

    [Fact]
    public async Task A_connection_that_is_turned_away_before_TLS_hears_nothing_in_the_clear()
    {
        server.MaxSessions = 0;
        var refused = await network.ConnectAsync(implicitTls);
        Assert.Equal("", await TryReadAsync(refused));
    }

    [Fact]
    public async Task A_connection_cut_at_each_boundary_of_records_ends_the_session_and_loses_nothing_accepted()
    {
        var whole = new RecordCutTransport(await network.ConnectAsync(implicitTls), int.MaxValue, 0);
        await TrySendMailAsync(whole);
        Assert.Equal(1, (await watcher.EndAsync()).End.MessagesAccepted);
        // ClientHello, what ends the handshake, EHLO, MAIL and RCPT, DATA, the content, QUIT, close_notify.
        Assert.InRange(whole.Records, 6, 20);
        for (var records = 1; records <= whole.Records; records++)
        {
            foreach (var beyond in new[] { -1, 0, 1, 5 })
            {
                var connection = new RecordCutTransport(await network.ConnectAsync(implicitTls), records, beyond);
                await TrySendMailAsync(connection);
                AssertEndsInOrder(await watcher.EndAsync());
            }
        }
        Assert.Empty(watcher.Faults);
    }

    // Each octet of a session would take minutes.
    [Fact]
    public async Task A_connection_cut_anywhere_ends_the_session_and_loses_nothing_accepted()
    {
        var whole = await CountClientOctetsAsync();
        for (var cut = 1; cut < whole; cut += cut < 12 || cut > whole - 12 ? 1 : 97)
        {
            var connection = new OctetCutTransport(await network.ConnectAsync(implicitTls), cut);
            await TrySendMailAsync(connection);
            AssertEndsInOrder(await watcher.EndAsync());
        }
        Assert.Empty(watcher.Faults);
    }

    [Theory]
    [InlineData("DATA\r\n", "Subject: half\r\n", 0)]
    [InlineData("BDAT 100\r\n", "Subject: half\r\n", 0)]
    [InlineData("BDAT 100 LAST\r\n", "Subject: half\r\n\r\n.\r\n", 0)]
    [InlineData("BDAT 15\r\n", "Subject: half\r\n", 0)]
    [InlineData("BDAT 15 LAST\r\n", "Subject: half\r\nBDAT 10\r\n", 1)]
    public async Task A_close_notify_within_a_message_ends_the_session(string command, string half, int accepted)
    {
        var client = await StartTlsAsync();
        await client.SendAsync("EHLO client.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n");
        Assert.Equal(["250", "250", "250"], await client.ReadCodesAsync(3));
        await client.SendAsync(command + half);
        await client.Transport.DisposeAsync();
        Assert.Contains((await watcher.EndAsync()).End.Reason, new[] { SessionEndReason.PeerClosed, SessionEndReason.Broken });
        Assert.Equal(accepted, watcher.Last.End.MessagesAccepted);
        Assert.Empty(watcher.Faults);
    }

    [Theory]
    [InlineData("BDAT 15 LAST\r\nSubject: half\r\nQUIT\r\n", "250,221", 1)]
    [InlineData("BDAT 15 LAST\r\nSubject: half\r\n", "250", 1)]
    [InlineData("BDAT 15 LAST\r\nSubject: ", "", 0)]
    [InlineData("DATA\r\nSubject: half\r\n.\r\nQUIT\r\n", "354,250,221", 1)]
    [InlineData("DATA\r\nSubject: half\r\n.\r", "354", 0)]
    [InlineData("NOO", "", 0)]
    public async Task A_connection_that_is_half_closed_gets_its_replies_and_ends(string last, string codes, int accepted)
    {
        foreach (var isUnderTls in new[] { false, true })
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(isUnderTls ? implicitTls : plain, Patience);
            Stream stream = new NetworkStream(socket);
            if (isUnderTls)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "mx.example", RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null }, Patience);
                stream = secure;
            }
            await stream.WriteAsync(Encoding.ASCII.GetBytes("EHLO client.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n" + last), Patience);
            if (stream is SslStream half)
                await half.ShutdownAsync();
            else
                socket.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var said = (await reader.ReadToEndAsync(Patience)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Where(static line => line[3] == ' ').Select(static line => line[..3]);
            Assert.Equal($"220,250,250,250{(codes.Length == 0 ? "" : ",")}{codes}", string.Join(',', said));
            Assert.Equal(accepted, (await watcher.EndAsync()).End.MessagesAccepted);
        }
        Assert.Empty(watcher.Faults);
    }

    [Fact]
    public async Task A_stop_ends_a_handshake_and_an_idle_session_with_421()
    {
        var client = await StartTlsAsync();
        await client.SendAsync("EHLO client.example\r\n");
        Assert.StartsWith("250", await client.ReadReplyAsync(), StringComparison.Ordinal);
        var silent = await network.ConnectAsync(implicitTls);
        await watcher.ConnectedAsync(2);
        await server.StopAsync(TimeSpan.FromSeconds(20), Patience);
        Assert.StartsWith("421 4.3.2 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        Assert.Equal("", await TryReadAsync(silent));
        Assert.Equal(SessionEndReason.ServerStopped, (await watcher.EndAsync()).End.Reason);
        Assert.Equal(SessionEndReason.ServerStopped, (await watcher.EndAsync()).End.Reason);
    }

    [Fact]
    public async Task A_handshake_has_its_time()
    {
        var time = new Postrider.Testing.Timing.ManualTime();
        var settings = new ServerSettings { Hostname = "mx.example", Limits = ServerLimits.Default with { HandshakeTimeout = TimeSpan.FromSeconds(20) } };
        await using var patient = new SmtpServer(network, time, () => settings, Make, watcher);
        var endPoint = patient.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenerProfile { Tls = () => offered, IsImplicitTls = true });
        await using var silent = await network.ConnectAsync(endPoint, Patience);
        await silent.WriteAsync(new byte[] { 0x16, 0x03, 0x01 }, Patience);
        await watcher.ConnectedAsync(1);
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(1, patient.SessionCount);
        var ending = watcher.EndAsync();
        while (!ending.IsCompleted)
        {
            // The pump begins its wait when it likes.
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }
        Assert.Equal(SessionEndReason.TimedOut, (await ending).End.Reason);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Assert.Empty(watcher.Faults);
        Assert.All(handlers, static handler => Assert.Equal(1, handler.Disposed));
    }

    private static async Task<string> TryReadAsync(ITransport transport)
    {
        try
        {
            return await TlsPair.ReadAsync(transport, 1);
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task<RigClient> SecureAsync(ITransport transport)
    {
        var handshake = await new SystemTls().ConnectAsync(transport, verifying, Patience);
        Assert.Null(handshake.Failure);
        return new RigClient(handshake.Transport!);
    }

    private static async Task<(RigClient Client, TlsHandshake Handshake)> UpgradeAsync(RigClient client)
    {
        await client.SendAsync("STARTTLS\r\n");
        Assert.StartsWith("220 2.0.0 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        var handshake = await new SystemTls().ConnectAsync(client.Transport, verifying, Patience);
        Assert.Null(handshake.Failure);
        return (new RigClient(handshake.Transport!), handshake);
    }

    private static async Task SendMailAsync(RigClient client)
    {
        await client.SendAsync("EHLO client.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n");
        Assert.Equal(["250", "250", "250", "354"], await client.ReadCodesAsync(4));
        await client.SendAsync("Subject: test\r\n\r\n" + string.Concat(Enumerable.Repeat("0123456789\r\n", 3000)) + ".\r\nQUIT\r\n");
        Assert.Equal(["250", "221"], await client.ReadCodesAsync(2));
        Assert.Equal("", await client.ReadToEndAsync());
        await client.Transport.DisposeAsync();
    }

    private static async Task TrySendMailAsync(ITransport connection)
    {
        var handshake = await new SystemTls().ConnectAsync(connection, verifying, Patience);
        if (!handshake.IsEstablished)
            return;
        try
        {
            var client = new RigClient(handshake.Transport);
            await client.ReadReplyAsync();
            await SendMailAsync(client);
        }
        catch (Exception e) when (e is IOException or Xunit.Sdk.XunitException or ArgumentOutOfRangeException)
        {
            // It was cut; what matters is what the server makes of it.
        }
        await handshake.Transport.DisposeAsync();
    }

    private async Task<int> CountClientOctetsAsync()
    {
        var counting = new OctetCutTransport(await network.ConnectAsync(implicitTls), int.MaxValue);
        await TrySendMailAsync(counting);
        Assert.Equal(1, (await watcher.EndAsync()).End.MessagesAccepted);
        return counting.Written;
    }

    private async Task<RigClient> GreetAsync()
    {
        var client = new RigClient(await network.ConnectAsync(plain, Patience));
        Assert.StartsWith("220 ", await client.ReadReplyAsync(), StringComparison.Ordinal);
        await client.SendAsync("EHLO client.example\r\n");
        Assert.Contains("250 STARTTLS", await client.ReadReplyAsync(), StringComparison.Ordinal);
        return client;
    }

    private async Task<RigClient> StartTlsAsync() => (await UpgradeAsync(await GreetAsync())).Client;

    private RecordingHandler Make(SessionFacts facts)
    {
        var handler = new RecordingHandler
        {
            OnQuestion = question =>
            {
                questions.Enqueue(question);
                return new(Answer.Accept());
            },
        };
        handlers.Enqueue(handler);
        return handler;
    }

    /// <summary>Breaks off after so many octets written.</summary>
    private sealed class OctetCutTransport(ITransport inner, int limit) : CutTransport(inner)
    {
        public int Written { get; private set; }

        protected override int Pass(ReadOnlySpan<byte> octets)
        {
            var room = Math.Min(octets.Length, limit - Written);
            Written += room;
            return room;
        }
    }

    private void AssertEndsInOrder((SessionFacts Facts, SessionEnd End) ended)
    {
        // The cut may come behind QUIT, at the close_notify.
        if (ended.End.Reason != SessionEndReason.Closed || ended.End.MessagesAccepted == 0)
            Assert.Contains(ended.End.Reason, new[] { SessionEndReason.TlsFailed, SessionEndReason.PeerClosed, SessionEndReason.Broken });
        Assert.Equal(ended.End.MessagesAccepted, handlers.Last().Accepted.Count);
    }

    /// <summary>A connection that ends behind so many records of ours, so many octets later or earlier.</summary>
    private sealed class RecordCutTransport(ITransport inner, int records, int beyond) : CutTransport(inner)
    {
        private const int HeaderLength = 5;

        private readonly byte[] header = new byte[HeaderLength];
        private int place;
        private int past;

        /// <summary>Whole records that went through.</summary>
        public int Records { get; private set; }

        protected override int Pass(ReadOnlySpan<byte> octets)
        {
            var room = 0;
            while (room < octets.Length && Passes(octets[room]))
                room++;
            return room;
        }

        private bool Passes(byte octet)
        {
            if (Records == records && past++ >= beyond)
                return false;
            if (place < HeaderLength)
                header[place] = octet;
            var isLast = place >= HeaderLength && place + 1 == HeaderLength + ((header[3] << 8) | header[4]);
            if (isLast && beyond < 0 && Records + 1 == records)
                return false;
            place = isLast ? 0 : place + 1;
            Records += isLast ? 1 : 0;
            return true;
        }
    }

    private sealed class Watcher : IServerObserver
    {
        private readonly SemaphoreSlim connections = new(0);
        private readonly SemaphoreSlim ends = new(0);
        private readonly ConcurrentQueue<(SessionFacts Facts, SessionEnd End)> ended = new();

        public ConcurrentQueue<TlsFailure> TlsFailures { get; } = new();

        public ConcurrentQueue<Exception> Faults { get; } = new();

        public (SessionFacts Facts, SessionEnd End) Last { get; private set; }

        public async Task ConnectedAsync(int count)
        {
            for (var i = 0; i < count; i++)
                await connections.WaitAsync(Patience);
        }

        public async Task<(SessionFacts Facts, SessionEnd End)> EndAsync()
        {
            await ends.WaitAsync(Patience);
            Assert.True(ended.TryDequeue(out var end));
            Last = end;
            return end;
        }

        public void Connected(SessionFacts facts) => connections.Release();

        public void Refused(SessionFacts facts, Reply reply)
        {
        }

        public void TurnedAway(SessionFacts facts, Reply reply)
        {
        }

        public void ProxyRefused(SessionFacts proxy, string problem)
        {
        }

        public void TlsFailed(SessionFacts facts, TlsFailure failure) => TlsFailures.Enqueue(failure);

        public void HandlerFailed(SessionFacts facts, Exception exception) => Faults.Enqueue(exception);

        public void Faulted(SessionFacts facts, Exception exception) => Faults.Enqueue(exception);

        public void Ended(SessionFacts facts, SessionEnd end)
        {
            ended.Enqueue((facts, end));
            ends.Release();
        }
    }
}
