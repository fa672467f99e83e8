using System.Net;
using Postrider.Smtp.Server;

namespace Postrider.Tests.Smtp.Server;

public sealed class PeerNetworksTests
{
    [Fact]
    public void They_are_equal_by_value_and_see_through_mapped_addresses()
    {
        var one = new PeerNetworks(IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8"));
        Assert.Equal(one, new PeerNetworks(IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("fd00::/8")));
        Assert.NotEqual(one, PeerNetworks.None);
        Assert.True(one.Contains(IPAddress.Parse("::ffff:10.1.2.3")));
        Assert.True(one.Contains(IPAddress.Parse("fd12::1")));
        Assert.False(one.Contains(IPAddress.Parse("11.0.0.1")));
        Assert.False(one.Contains(null));
    }
}
