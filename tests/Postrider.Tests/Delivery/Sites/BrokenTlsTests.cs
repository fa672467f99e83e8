using System.Net;
using Postrider.Delivery.Sites;
using Postrider.Testing.Timing;

namespace Postrider.Tests.Delivery.Sites;

public sealed class BrokenTlsTests
{
    [Fact]
    public void It_is_remembered_for_its_time_and_then_forgotten()
    {
        var time = new ManualTime();
        var broken = new BrokenTls(time);
        Assert.False(broken.TryFind(Host(1), out _));
        Assert.Equal(time.GetUtcNow() + BrokenTls.Lasts, broken.Remember(Host(1), "no cipher"));
        time.Advance(BrokenTls.Lasts - TimeSpan.FromSeconds(1));
        Assert.Null(broken.Remember(Host(1), "again"));
        Assert.True(broken.TryFind(Host(1), out var failure));
        Assert.Equal("no cipher", failure);
        Assert.False(broken.TryFind(Host(2), out _));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(broken.TryFind(Host(1), out _));
        Assert.NotNull(broken.Remember(Host(1), "again"));
    }

    [Fact]
    public void It_has_room_for_so_many()
    {
        var time = new ManualTime();
        var broken = new BrokenTls(time);
        for (var i = 0; i < BrokenTls.MostHosts; i++)
            Assert.NotNull(broken.Remember(Host(i), "no cipher"));
        Assert.Null(broken.Remember(Host(BrokenTls.MostHosts), "no cipher"));
        time.Advance(BrokenTls.Lasts);
        Assert.NotNull(broken.Remember(Host(BrokenTls.MostHosts), "no cipher"));
    }

    private static IPEndPoint Host(int number) => new(new IPAddress(0x0A000000 + number), 25);
}
