using System.Collections;
using System.Net;
using Postrider.Configuration;
using Postrider.Serving;

namespace Postrider.Tests.Serving;

public sealed class GreetingTests
{
    [Fact]
    public void A_sandbox_says_that_any_login_is_taken()
    {
        var configuration = PostriderConfiguration.Load(new PostriderConfiguration.Sources(File: null, Data: Path.GetTempPath(), Listen: []), new Hashtable());
        var lines = Greeting.Lines(configuration, [(new IPEndPoint(IPAddress.Loopback, 2525), 0)]).ToList();
        Assert.Equal("  logins     none needed; any user is let in with any password or token", Assert.Single(lines, static line => line.StartsWith("  logins ", StringComparison.Ordinal)));
    }
}
