using System.Net;
using Postrider.Hosting.Resolution;
using Postrider.Testing.Timing;

namespace Postrider.Tests.Hosting.Resolution;

public sealed class SystemHostResolverTests
{
    [Fact]
    public async Task A_known_host_has_addresses()
    {
        var found = await new SystemHostResolver(new ManualTime()).ResolveAsync("localhost");
        Assert.Null(found.Problem);
        Assert.Contains(found.Addresses, IPAddress.IsLoopback);
    }

    // Neither leaves the machine: the one is too long for a name, the other has an empty label.
    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example")]
    [InlineData("a..example")]
    public async Task A_host_that_cannot_be_is_a_problem_not_an_exception(string host)
    {
        var found = await new SystemHostResolver(new ManualTime()).ResolveAsync(host);
        Assert.Empty(found.Addresses);
        Assert.Contains(host, found.Problem!, StringComparison.Ordinal);
    }
}
