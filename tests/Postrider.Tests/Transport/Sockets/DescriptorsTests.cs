using Postrider.Transport.Sockets;

namespace Postrider.Tests.Transport.Sockets;

public sealed class DescriptorsTests
{
    [Theory]
    [InlineData("Max processes             96145                96145                processes \nMax open files            1024                 524288               files     \n", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     \n", null)]
    [InlineData("Max processes             96145                96145                processes \n", null)]
    [InlineData("Max open files            7", 7)]
    [InlineData("", null)]
    public void The_soft_limit_is_read(string limits, int? expected) => Assert.Equal(expected, Descriptors.Parse(limits));

    [Fact]
    public void Some_descriptors_are_left_for_the_rest_of_the_program()
    {
        if (Descriptors.Limit is { } limit)
            Assert.InRange(new SocketNetwork().ConnectionLimit, 1, limit - 128);
        else
            Assert.Equal(int.MaxValue, new SocketNetwork().ConnectionLimit);
    }
}
