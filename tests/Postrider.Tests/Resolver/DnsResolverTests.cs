using System.Net;
using System.Net.Sockets;
using Postrider.Resolver;
using Postrider.Resolver.Records;
using Postrider.Resolver.Servers;
using Postrider.Testing.Resolution;
using Postrider.Testing.Simulations;

namespace Postrider.Tests.Resolver;

public sealed class DnsResolverTests
{
    private static readonly IPEndPoint First = new(IPAddress.Parse("10.0.0.53"), 53);
    private static readonly IPEndPoint Second = new(IPAddress.Parse("10.0.0.54"), 53);

    [Fact]
    public void An_answer_is_kept_for_as_long_as_it_says() => Run(async (dns, resolver, simulation) =>
    {
        dns.Add("host.example", IPAddress.Parse("192.0.2.1"));
        Assert.Equal("192.0.2.1", Address(await resolver.ResolveAsync("host.example", RecordType.A)));
        await Task.Delay(TimeSpan.FromSeconds(299), simulation.Time);
        Assert.Equal("192.0.2.1", Address(await resolver.ResolveAsync("HOST.example.", RecordType.A)));
        Assert.Equal(1, dns.Asked);
        await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time);
        await resolver.ResolveAsync("host.example", RecordType.A);
        Assert.Equal(2, dns.Asked);
    });

    [Fact]
    public void A_no_is_an_answer_and_kept_too() => Run(async (dns, resolver, simulation) =>
    {
        dns.Add("host.example", IPAddress.Parse("192.0.2.1"));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(DnsStatus.NoRecords, (await resolver.ResolveAsync("host.example", RecordType.Mx)).Status);
            Assert.Equal(DnsStatus.NoSuchName, (await resolver.ResolveAsync("other.example", RecordType.Mx)).Status);
        }
        Assert.Equal(2, dns.Asked);
    });

    [Fact]
    public void A_silent_server_is_passed_over() => Run(async (dns, resolver, simulation) =>
    {
        dns.Add("host.example", IPAddress.Parse("2001:db8::1")).Silent.Add(First);
        Assert.Equal("2001:db8::1", Address(await resolver.ResolveAsync("host.example", RecordType.Aaaa)));
        Assert.Equal(TimeSpan.FromSeconds(2), simulation.Time.Elapsed);
    });

    [Fact]
    public void Where_nobody_answers_it_fails_and_does_not_ask_again_at_once() => Run(async (dns, resolver, simulation) =>
    {
        dns.Silent.Add(First);
        dns.Silent.Add(Second);
        var answer = await resolver.ResolveAsync("host.example", RecordType.A);
        Assert.Equal((DnsStatus.Failed, "10.0.0.54:53 did not answer in time"), (answer.Status, answer.Problem));
        Assert.Equal(TimeSpan.FromSeconds(8), simulation.Time.Elapsed);
        await resolver.ResolveAsync("host.example", RecordType.A);
        Assert.Equal(4, dns.Asked);
    });

    [Fact]
    public void A_server_that_cannot_say_is_no_answer() => Run(async (dns, resolver, simulation) =>
    {
        dns.Failure = 2;
        Assert.Equal("10.0.0.54:53 said RCODE 2", (await resolver.ResolveAsync("host.example", RecordType.A)).Problem);
        Assert.Equal(4, dns.Asked);
    });

    [Fact]
    public void What_does_not_fit_comes_by_TCP() => Run(async (dns, resolver, simulation) =>
    {
        dns.AddText("host.example", new string('x', 3000));
        Assert.Equal(3000, Assert.IsType<TextRecord>(Assert.Single((await resolver.ResolveAsync("host.example", RecordType.Txt)).Records)).Text.Length);
        Assert.Equal((2, 1), (dns.Asked, dns.AskedByTcp));
    });

    [Fact]
    public void Hosts_that_take_mail_come_with_their_preference() => Run(async (dns, resolver, simulation) =>
    {
        dns.AddMailExchange("example.org", 10, "mx.example.org");
        var record = Assert.IsType<MailExchangeRecord>(Assert.Single((await resolver.ResolveAsync("example.org", RecordType.Mx)).Records));
        Assert.Equal((10, "mx.example.org"), (record.Preference, record.Host));
    });

    [Fact]
    public void What_is_no_name_is_not_asked_for() => Run(async (dns, resolver, simulation) =>
    {
        Assert.Equal(DnsStatus.Failed, (await resolver.ResolveAsync("a..b", RecordType.A)).Status);
        Assert.Equal(0, dns.Asked);
    });

    [Fact]
    public void The_cache_is_bounded() => Run(
        async (dns, resolver, simulation) =>
        {
            for (var i = 0; i < 10; i++)
                await resolver.ResolveAsync($"h{i}.example", RecordType.A);
            await resolver.ResolveAsync("h9.example", RecordType.A);
            Assert.Equal(10, dns.Asked);
            await resolver.ResolveAsync("h0.example", RecordType.A);
            Assert.Equal(11, dns.Asked);
        },
        kept: 4);

    [Fact]
    public async Task By_sockets_a_forged_answer_is_passed_over_and_the_right_one_taken()
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var dns = new FakeDns().Add("host.example", IPAddress.Parse("192.0.2.1"));
        var resolver = new DnsResolver(new SocketExchange(), new ResolverOptions { Servers = [(IPEndPoint)server.LocalEndPoint!] }, TimeProvider.System);
        var asking = resolver.ResolveAsync("host.example", RecordType.A);

        var buffer = new byte[1500];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var question = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), patience.Token);
        var answer = await dns.AskAsync(First, buffer.AsMemory(0, question.ReceivedBytes), overTcp: false, static _ => true, patience.Token);
        var forged = answer.ToArray();
        forged[0] ^= 1;
        forged[^1] = 66;
        await server.SendToAsync(forged, question.RemoteEndPoint, patience.Token);
        await server.SendToAsync(answer, question.RemoteEndPoint, patience.Token);
        Assert.Equal("192.0.2.1", Address(await asking));
    }

    private static string Address(DnsAnswer answer) => Assert.IsType<AddressRecord>(Assert.Single(answer.Records)).Address.ToString();

    private static void Run(Func<FakeDns, DnsResolver, Simulation, Task> body, int kept = 100)
    {
        var simulation = new Simulation(1);
        simulation.Run(async () =>
        {
            var dns = new FakeDns();
            var id = 0;
            await body(dns, new DnsResolver(dns, new ResolverOptions { Servers = [First, Second], Kept = kept }, simulation.Time, () => id++), simulation);
        });
    }
}
