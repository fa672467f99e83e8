using Postrider.Transport.Tls;

namespace Postrider.Tests.Transport.Tls;

public sealed class OpenSslBuffersTests
{
    [Fact]
    public async Task Each_context_that_is_made_gives_its_buffers_back()
    {
        if (!OpenSslBuffers.ReleaseWhileIdle())
            Assert.Skip("There is no OpenSSL 3 here.");
        Assert.True(OpenSslBuffers.ReleaseWhileIdle());
        var before = OpenSslBuffers.Count;
        var authority = new TestAuthority();
        var (near, far) = await TlsPair.ShakeAsync(new TlsServerSettings(authority.Issue("mail.example.org")), new TlsClientSettings { TargetHost = "mail.example.org" });
        Assert.InRange(OpenSslBuffers.Count, before + 1, int.MaxValue);

        // Records come through whole all the same, large and small, both ways.
        foreach (var length in new[] { 1, 16_384, 3, 100_000 })
        {
            foreach (var (from, to) in new[] { (near, far), (far, near) })
            {
                var writing = from.Transport!.WriteAsync(new byte[length]).AsTask();
                Assert.Equal(length, (await TlsPair.ReadAsync(to.Transport!, length)).Length);
                await writing;
            }
        }
        await TlsPair.CloseAsync(near, far);
    }
}
