using System.Net;
using System.Security.Cryptography;
using Postrider.Testing.Networks;
using Postrider.Transport.Sockets;
using Postrider.Transport.Tls;

namespace Postrider.Tests.Transport.Tls;

public sealed class SystemTlsTests
{
    private static readonly TestAuthority authority = new();
    private static readonly TlsServerSettings server = new(authority.Issue("mail.example.org"));
    private static readonly TlsClientSettings client = new() { TargetHost = "mail.example.org" };

    [Fact]
    public async Task Octets_go_both_ways_and_both_sides_know_what_was_settled()
    {
        var (near, far) = await TlsPair.ShakeAsync(server, client);
        await near.Transport!.WriteAsync("EHLO"u8.ToArray());
        Assert.Equal("EHLO", await TlsPair.ReadAsync(far.Transport!, 4));
        await far.Transport!.WriteAsync("250"u8.ToArray());
        Assert.Equal("250", await TlsPair.ReadAsync(near.Transport!, 3));

        Assert.Equal("TLSv1.3", far.Facts!.Protocol);
        Assert.Equal("mail.example.org", far.Facts.ServerName);
        Assert.Null(far.Facts.PeerCertificate);
        Assert.StartsWith("TLS_", far.Facts.CipherSuite, StringComparison.Ordinal);
        Assert.Equal(far.Facts.CipherSuite, near.Facts!.CipherSuite);
        Assert.Equal(["mail.example.org"], near.Facts.PeerCertificate!.Names);
        Assert.Equal("CN=mail.example.org", near.Facts.PeerCertificate.Subject);
        await TlsPair.CloseAsync(near, far);
    }

    [Fact]
    public async Task Both_sides_have_the_same_channel_binding_by_the_hash_of_the_signature()
    {
        var (near, far) = await TlsPair.ShakeAsync(server, client);
        Assert.Equal(SHA256.HashSizeInBytes, far.Facts!.ServerEndPoint.Length);
        Assert.Equal(far.Facts.ServerEndPoint.ToArray(), near.Facts!.ServerEndPoint.ToArray());
        Assert.Equal(near.Facts.PeerCertificate!.Fingerprint, Convert.ToHexStringLower(near.Facts.ServerEndPoint.Span));
        await TlsPair.CloseAsync(near, far);
    }

    [Fact]
    public async Task It_works_however_the_octets_are_cut()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var network = new InMemoryNetwork(TimeProvider.System, new Random(seed));
            var (near, far) = await TlsPair.ShakeAsync(server, client, network);
            Assert.True(far.IsEstablished);
            var text = new byte[40_000];
            var writing = near.Transport!.WriteAsync(text).AsTask();
            Assert.Equal(text.Length, (await TlsPair.ReadAsync(far.Transport!, text.Length)).Length);
            await writing;
            await TlsPair.CloseAsync(near, far);
        }
    }

    [Fact]
    public async Task A_close_is_announced_and_read_as_the_end()
    {
        var (near, far) = await TlsPair.ShakeAsync(server, client);
        await far.Transport!.WriteAsync("221"u8.ToArray());
        await far.Transport.DisposeAsync();
        Assert.Equal("221", await TlsPair.ReadAsync(near.Transport!, 4));
        Assert.Equal(0, await near.Transport!.ReadAsync(new byte[1]));
        await near.Transport.DisposeAsync();
    }

    [Fact]
    public async Task A_close_waits_for_no_peer_that_reads_nothing()
    {
        var network = new InMemoryNetwork(TimeProvider.System, new Random(1));
        var (near, far) = await TlsPair.ShakeAsync(server, client, network);
        var writing = far.Transport!.WriteAsync(new byte[200_000]).AsTask();
        Assert.False(writing.IsCompleted);
        await far.Transport.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => writing);
        await near.Transport!.DisposeAsync();
    }

    [Fact]
    public async Task A_read_into_nothing_waits_for_input_and_loses_none()
    {
        var (near, far) = await TlsPair.ShakeAsync(server, client);
        var waiting = far.Transport!.ReadAsync(Memory<byte>.Empty);
        Assert.False(waiting.IsCompleted);
        await near.Transport!.WriteAsync("x"u8.ToArray());
        Assert.Equal(0, await waiting);
        Assert.Equal("x", await TlsPair.ReadAsync(far.Transport, 1));
        await TlsPair.CloseAsync(near, far);
    }

    [Fact]
    public async Task A_cancelled_read_leaves_the_connection_whole()
    {
        var (near, far) = await TlsPair.ShakeAsync(server, client);
        foreach (var buffer in new[] { Memory<byte>.Empty, new byte[8] })
        {
            using var source = new CancellationTokenSource();
            var read = far.Transport!.ReadAsync(buffer, source.Token).AsTask();
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }
        await far.Transport!.WriteAsync("421"u8.ToArray());
        Assert.Equal("421", await TlsPair.ReadAsync(near.Transport!, 3));
        await near.Transport!.WriteAsync("QUIT"u8.ToArray());
        Assert.Equal("QUIT", await TlsPair.ReadAsync(far.Transport, 4));
        await TlsPair.CloseAsync(near, far);
    }

    [Fact]
    public async Task An_abort_ends_what_is_under_way_with_an_IOException()
    {
        var (near, far) = await TlsPair.ShakeAsync(server, client);
        var reading = far.Transport!.ReadAsync(new byte[8]).AsTask();
        far.Transport.Abort();
        await Assert.ThrowsAsync<IOException>(() => reading);
        await Assert.ThrowsAsync<IOException>(() => far.Transport.WriteAsync("x"u8.ToArray()).AsTask());
        await far.Transport.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => far.Transport.ReadAsync(new byte[8]).AsTask());
        await near.Transport!.DisposeAsync();
    }

    [Fact]
    public async Task What_is_no_TLS_is_a_failure_and_no_exception()
    {
        var (near, far) = await TlsPair.ConnectAsync();
        var accepting = new SystemTls().AcceptAsync(far, server).AsTask();
        await near.WriteAsync("EHLO client.example\r\n"u8.ToArray());
        var failed = await accepting;
        Assert.False(failed.IsEstablished);
        Assert.Equal(TlsFailureKind.Protocol, failed.Failure.Kind);
        Assert.NotEmpty(failed.Failure.Reason);
        await near.DisposeAsync();
    }

    [Fact]
    public async Task A_peer_that_goes_away_is_a_failure_of_the_connection()
    {
        var (near, far) = await TlsPair.ConnectAsync();
        var accepting = new SystemTls().AcceptAsync(far, server).AsTask();
        near.Abort();
        Assert.Equal(TlsFailureKind.Connection, (await accepting).Failure!.Kind);
    }

    [Fact]
    public async Task A_handshake_that_is_cancelled_breaks_the_connection()
    {
        var (near, far) = await TlsPair.ConnectAsync();
        using var source = new CancellationTokenSource();
        var accepting = new SystemTls().AcceptAsync(far, server, source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting);
        await Assert.ThrowsAsync<IOException>(() => near.ReadAsync(new byte[1]).AsTask());
        await near.DisposeAsync();
    }

    [Fact]
    public async Task A_client_that_verifies_takes_what_is_trusted_and_names_the_host()
    {
        var (near, far) = await TlsPair.ShakeAsync(server, client with { Verify = true, TrustAnchors = [authority.Certificate] });
        Assert.True(near.IsEstablished);
        Assert.True(near.Facts.PeerCertificate!.IsTrusted);
        Assert.True(near.Facts.PeerCertificate.NamesHost);
        await TlsPair.CloseAsync(near, far);
    }

    [Fact]
    public async Task A_client_that_verifies_says_what_is_wrong_with_the_certificate()
    {
        var (other, _) = await TlsPair.ShakeAsync(server, client with { TargetHost = "mx.example.net", Verify = true, TrustAnchors = [authority.Certificate] });
        Assert.Equal(TlsFailureKind.WrongName, other.Failure!.Kind);
        Assert.Equal("The certificate names mail.example.org, not mx.example.net.", other.Failure.Reason);

        var (untrusted, _) = await TlsPair.ShakeAsync(server, client with { Verify = true });
        Assert.Equal(TlsFailureKind.NotTrusted, untrusted.Failure!.Kind);
        Assert.Equal(["mail.example.org"], untrusted.Failure.PeerCertificate!.Names);

        var late = new TlsServerSettings(authority.Issue(TestAuthority.Now.AddHours(-1), "mail.example.org"));
        var (expired, _) = await TlsPair.ShakeAsync(late, client with { Verify = true, TrustAnchors = [authority.Certificate] });
        Assert.Equal(TlsFailureKind.Expired, expired.Failure!.Kind);
    }

    [Fact]
    public async Task A_client_that_does_not_verify_knows_what_the_certificate_was_worth()
    {
        var (near, far) = await TlsPair.ShakeAsync(server, client with { TargetHost = "mx.example.net" });
        Assert.True(near.IsEstablished);
        Assert.False(near.Facts.PeerCertificate!.IsTrusted);
        Assert.False(near.Facts.PeerCertificate.NamesHost);
        await TlsPair.CloseAsync(near, far);
    }

    [Fact]
    public async Task A_client_certificate_is_asked_for_in_the_handshake_and_judged()
    {
        var asking = new TlsServerSettings(server.Certificates) { AsksForClientCertificate = true, ClientAuthorities = [authority.Certificate] };
        var (near, far) = await TlsPair.ShakeAsync(asking, client with { Certificate = authority.Issue("relay.example.net", "post@example.net") });
        Assert.True(far.IsEstablished);
        Assert.Equal(["relay.example.net", "post@example.net"], far.Facts.PeerCertificate!.Names);
        Assert.True(far.Facts.PeerCertificate.IsTrusted);
        await TlsPair.CloseAsync(near, far);

        (near, far) = await TlsPair.ShakeAsync(asking, client with { Certificate = new TestAuthority("Another").Issue("relay.example.net") });
        Assert.False(far.Facts!.PeerCertificate!.IsTrusted);
        await TlsPair.CloseAsync(near, far);

        (near, far) = await TlsPair.ShakeAsync(asking, client);
        Assert.True(far.IsEstablished);
        Assert.Null(far.Facts.PeerCertificate);
        await TlsPair.CloseAsync(near, far);
    }
}
