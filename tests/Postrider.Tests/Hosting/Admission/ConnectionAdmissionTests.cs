namespace Postrider.Tests.Hosting.Admission;

public sealed class ConnectionAdmissionTests
{
    [Fact]
    public void An_address_has_so_many_connections_and_no_more()
    {
        using var rig = new AdmissionRig(options => options.Limits.ConnectionsPerAddress = 2);
        var first = rig.Connect("192.0.2.7");
        Assert.Null(first.Told);
        Assert.Null(rig.Connect("192.0.2.7").Told);
        Assert.StartsWith("421 4.7.0 Too many connections from your address", rig.Connect("192.0.2.7").Told, StringComparison.Ordinal);
        Assert.Null(rig.Connect("192.0.2.8").Told);

        first.Admitted!.Dispose();
        first.Admitted.Dispose();
        Assert.Null(rig.Connect("192.0.2.7").Told);
        Assert.NotNull(rig.Connect("192.0.2.7").Told);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.3.1")]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:1::1")]
    public void A_network_has_so_many_connections_and_no_more(string one, string two, string three, string elsewhere)
    {
        using var rig = new AdmissionRig(options => options.Limits.ConnectionsPerNetwork = 2);
        Assert.Null(rig.Connect(one).Told);
        Assert.Null(rig.Connect(two).Told);
        Assert.StartsWith("421 4.7.0 Too many connections from your network", rig.Connect(three).Told, StringComparison.Ordinal);
        Assert.Null(rig.Connect(elsewhere).Told);
    }

    [Fact]
    public void The_addresses_of_an_IPv6_subnet_are_one()
    {
        using var rig = new AdmissionRig(options => options.Limits.ConnectionsPerAddress = 1);
        Assert.Null(rig.Connect("2001:db8::1").Told);
        Assert.NotNull(rig.Connect("2001:db8::ffff:ffff").Told);
        Assert.Null(rig.Connect("2001:db8:0:1::1").Told);
    }

    [Fact]
    public void An_address_that_connects_too_fast_waits()
    {
        using var rig = new AdmissionRig(options => options.Limits.ConnectionRate = new(3, TimeSpan.FromSeconds(30)));
        for (var i = 0; i < 3; i++)
        {
            var (told, admitted) = rig.Connect("192.0.2.7");
            Assert.Null(told);
            admitted!.Dispose();
        }
        Assert.StartsWith("421 4.7.0 Too many new connections", rig.Connect("192.0.2.7").Told, StringComparison.Ordinal);
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(rig.Connect("192.0.2.7").Told);
        Assert.NotNull(rig.Connect("192.0.2.7").Told);
    }

    [Fact]
    public void Networks_that_are_exempt_have_no_limits()
    {
        using var rig = new AdmissionRig(options =>
        {
            options.Limits.ConnectionsPerAddress = 1;
            options.Limits.Exempt = ["192.0.2.0/24"];
        });
        for (var i = 0; i < 500; i++)
            Assert.Null(rig.Connect("192.0.2.7").Told);
        Assert.Null(rig.Connect("127.0.0.1").Told);
        Assert.NotNull(rig.Connect("127.0.0.1").Told);
    }

    [Fact]
    public void Clients_that_may_relay_are_exempt_where_nobody_is_named()
    {
        using var rig = new AdmissionRig(options => options.Limits.ConnectionsPerAddress = 1);
        Assert.Null(rig.Connect("127.0.0.1").Told);
        Assert.Null(rig.Connect("::ffff:127.0.0.1").Told);
    }

    [Fact]
    public void A_reload_counts_at_once_and_keeps_the_count()
    {
        using var rig = new AdmissionRig(options => options.Limits.ConnectionsPerAddress = 2);
        var first = rig.Connect("192.0.2.7").Admitted!;
        var second = rig.Connect("192.0.2.7").Admitted!;
        rig.Settings.Replace(AdmissionRig.Freeze(options => (options.Limits.ConnectionsPerAddress, options.Limits.IPv4Network) = (3, 16)));
        Assert.Null(rig.Connect("192.0.2.7").Told);
        Assert.NotNull(rig.Connect("192.0.2.7").Told);
        first.Dispose();
        second.Dispose();
        Assert.Null(rig.Connect("192.0.2.7").Told);
    }
}
