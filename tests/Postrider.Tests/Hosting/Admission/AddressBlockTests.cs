using System.Net;
using Postrider.Hosting.Admission;

namespace Postrider.Tests.Hosting.Admission;

public sealed class AddressBlockTests
{
    [Theory]
    [InlineData("192.0.2.7", "192.0.2.200", 24, 64, true)]
    [InlineData("192.0.2.7", "192.0.3.7", 24, 64, false)]
    [InlineData("192.0.2.7", "192.0.2.8", 32, 64, false)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.7", 32, 64, true)]
    [InlineData("192.0.2.7", "::ffff:192.0.2.8", 32, 64, false)]
    [InlineData("0.0.0.1", "255.0.0.1", 0, 64, true)]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", 32, 64, true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", 32, 64, false)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", 32, 48, true)]
    [InlineData("2001:db8::1", "2001:db8:1::1", 32, 48, false)]
    [InlineData("2001:db8::1", "2001:db8::2", 32, 128, false)]
    [InlineData("2001:db8::1%1", "2001:db8::1%2", 32, 128, true)]
    public void Addresses_of_one_block_are_equal(string one, string other, int ipv4, int ipv6, bool same)
    {
        var a = AddressBlock.Of(IPAddress.Parse(one), ipv4, ipv6);
        var b = AddressBlock.Of(IPAddress.Parse(other), ipv4, ipv6);
        Assert.Equal(same, a == b);
        if (same)
            Assert.Equal(a.GetHashCode(), b.GetHashCode());
    }

    [Fact]
    public void An_address_and_its_network_are_two_keys() =>
        Assert.NotEqual(AddressBlock.Of(IPAddress.Parse("10.0.0.0"), 32, 64), AddressBlock.Of(IPAddress.Parse("10.0.0.0"), 24, 48));
}
