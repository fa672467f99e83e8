using System.Net;
using System.Text;
using Postrider.Tests.Transport.Listening;

namespace Postrider.Tests.Transport.Proxying;

/// <summary>Connections behind a load balancer, in a simulation.</summary>
public sealed class ProxiedSessionTests
{
    private const string Line = "PROXY TCP4 198.51.100.9 192.0.2.1 40112 25\r\n";

    public static TheoryData<string> Headers => new(
        Line,
        Encoding.Latin1.GetString(ProxyHeaderTests.Binary("21", "11", "c6336409 c0000201 9cb0 0019")),
        Encoding.Latin1.GetString(ProxyHeaderTests.Binary("21", "11", "c6336409 c0000201 9cb0 0019 03 0004 01020304")));

    [Theory]
    [MemberData(nameof(Headers))]
    public void The_session_has_the_client_of_the_header_and_all_that_is_behind_it(string header)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            ServerRig.Run(
                async rig =>
                {
                    var client = await rig.ConnectByProxyAsync();
                    await client.SendAsync(header + "EHLO client.example\r\nQUIT\r\n");
                    Assert.Equal(["220", "250", "221"], await client.ReadCodesAsync(3));
                    var facts = Assert.Single(rig.Peers);
                    Assert.Equal(("198.51.100.9", 40112, "192.0.2.1", 25), (facts.PeerAddress!.ToString(), facts.PeerPort, facts.LocalAddress!.ToString(), facts.LocalPort));
                },
                seed: seed,
                fragment: true);
        }
    }

    [Theory]
    [InlineData("PROXY UNKNOWN\r\n")]
    [InlineData("PROXY UNKNOWN 1 2 3\r\n")]
    public void Without_addresses_the_connection_is_the_proxy_s_own(string header) => ServerRig.Run(async rig =>
    {
        var client = await rig.ConnectByProxyAsync();
        await client.SendAsync(header);
        Assert.Equal(["220"], await client.ReadCodesAsync(1));
        Assert.Equal(IPAddress.Parse("10.0.0.1"), Assert.Single(rig.Peers).PeerAddress);
    });

    [Fact]
    public void Limits_judge_the_client_and_not_the_proxy() => ServerRig.Run(async rig =>
    {
        rig.Refuse = facts => facts.PeerAddress!.Equals(IPAddress.Parse("198.51.100.9")) ? new(421, new(4, 7, 0), "Not now") : null;
        var client = await rig.ConnectByProxyAsync();
        await client.SendAsync(Line);
        Assert.Equal("421 4.7.0 Not now\r\n", await client.ReadToEndAsync());
        Assert.Empty(rig.Peers);
    });

    [Theory]
    [InlineData("EHLO client.example\r\n")]
    [InlineData("PROXY TCP4 198.51.100.9 192.0.2.1 40112\r\n")]
    [InlineData("PROXY TCP4 198.51.100.9 192.0.2.1 40112 25\n....")]
    [InlineData("PROXY UNKNOWN 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x11\x11\0\x0c")]
    public void A_wrong_header_closes_without_a_word(string header) => ServerRig.Run(async rig =>
    {
        var client = await rig.ConnectByProxyAsync();
        await client.SendAsync(header);
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Single(rig.ProxyProblems);
        Assert.Empty(rig.Peers);
    });

    [Fact]
    public void A_connection_that_says_nothing_and_closes_is_a_check_of_health() => ServerRig.Run(async rig =>
    {
        var client = await rig.ConnectByProxyAsync();
        await client.Transport.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        Assert.Equal(0, rig.Server.SessionCount);
        Assert.Empty(rig.ProxyProblems);
    });

    [Theory]
    [InlineData("")]
    [InlineData("PROXY TCP4 198.51.100.9 192.0.2.1")]
    public void A_header_that_does_not_come_in_time_is_not_waited_for(string start) => ServerRig.Run(async rig =>
    {
        var client = await rig.ConnectByProxyAsync();
        await client.SendAsync(start);
        await Assert.ThrowsAsync<IOException>(client.ReadToEndAsync);
        Assert.Equal(TimeSpan.FromSeconds(10), rig.Time.Elapsed);
        Assert.Equal(["it was silent for 10 seconds"], rig.ProxyProblems);
    });

    [Fact]
    public void A_stop_does_not_wait_for_a_header() => ServerRig.Run(async rig =>
    {
        await rig.ConnectByProxyAsync();
        await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        await rig.Server.StopAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromSeconds(1), rig.Time.Elapsed);
    });

    [Fact]
    public void Who_is_no_proxy_has_no_header() => ServerRig.Run(async rig =>
    {
        var client = await rig.ConnectByProxyAsync("192.0.2.7");
        Assert.Equal(["220"], await client.ReadCodesAsync(1));
        await client.SendAsync(Line);
        Assert.Equal(["500"], await client.ReadCodesAsync(1));
        Assert.Equal(IPAddress.Parse("192.0.2.7"), Assert.Single(rig.Peers).PeerAddress);
    });
}
