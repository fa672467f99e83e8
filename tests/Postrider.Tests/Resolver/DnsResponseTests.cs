using System.Net;
using Postrider.Resolver.Records;
using Postrider.Resolver.Servers;
using Postrider.Resolver.Wire;

namespace Postrider.Tests.Resolver;

/// <summary>Octets as servers send them.</summary>
[Collection(nameof(Alone))]
public sealed class DnsResponseTests
{
    [Fact]
    public void A_question_is_written_as_RFC_1035_says() => Assert.Equal(
        "12340120000100000000000107" + "6578616D706C65" + "03636F6D00" + "000F0001" + "00002904D0000000000000",
        Convert.ToHexString(DnsQuery.Write(0x1234, "example.com", RecordType.Mx)!));

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("bücher.example")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example")]
    public void What_is_no_name_is_not_asked_for(string name) => Assert.Null(DnsQuery.Write(1, name, RecordType.A));

    [Fact]
    public void Compressed_names_are_read()
    {
        var message = Hex("1234 81a0 0001 0002 0000 0000 07 65 78616d706c65 03 636f6d 00 000f 0001"
            + "c00c 000f 0001 0000012c 0009 000a 04 6d61696c c00c"
            + "c00c 000f 0001 0000012c 000a 0014 05 6d61696c32 c00c");
        Assert.True(DnsResponse.Answers(message, 0x1234, "Example.COM.", RecordType.Mx));
        Assert.False(DnsResponse.Answers(message, 0x1235, "example.com", RecordType.Mx));
        Assert.False(DnsResponse.Answers(message, 0x1234, "example.org", RecordType.Mx));
        Assert.False(DnsResponse.Answers(message, 0x1234, "example.com", RecordType.A));
        var response = DnsResponse.Parse(message, "example.com", RecordType.Mx)!;
        Assert.True(response.IsAuthentic);
        var time = TimeSpan.FromSeconds(300);
        Assert.Equal(
            [new MailExchangeRecord("example.com", time, 10, "mail.example.com"), new MailExchangeRecord("example.com", time, 20, "mail2.example.com")],
            response.Records);
    }

    [Fact]
    public void Aliases_are_followed_and_strangers_passed_over()
    {
        // w CNAME v (60 s), v A 192.0.2.1 (300 s), x A 192.0.2.2
        var message = Hex("0001 8180 0001 0003 0000 0000 01 77 00 0001 0001"
            + "c00c 0005 0001 0000003c 0003 01 76 00"
            + "0176 00 0001 0001 0000012c 0004 c0000201"
            + "0178 00 0001 0001 0000012c 0004 c0000202");
        var record = Assert.Single(DnsResponse.Parse(message, "w", RecordType.A)!.Records);
        Assert.Equal(new AddressRecord("v", TimeSpan.FromSeconds(60), IPAddress.Parse("192.0.2.1")), record);
    }

    [Fact]
    public void The_strings_of_a_text_are_one()
    {
        var message = Hex("0001 8180 0001 0001 0000 0000 01 77 00 0010 0001 c00c 0010 0001 00000000 0007 02 6162 03 636465");
        Assert.Equal("abcde", Assert.IsType<TextRecord>(Assert.Single(DnsResponse.Parse(message, "w", RecordType.Txt)!.Records)).Text);
    }

    [Theory]
    [InlineData("c00c")] // to itself
    [InlineData("c010")] // ahead
    [InlineData("c0ff")] // outside
    [InlineData("41")] // a label of a kind that there is not
    [InlineData("05 6161")] // cut off
    public void A_name_that_leads_nowhere_ends_the_message(string name)
    {
        var message = Hex("0001 8180 0001 0001 0000 0000 " + name);
        Assert.Null(DnsResponse.Parse(message, "w", RecordType.A));
        Assert.False(DnsResponse.Answers(message, 1, "w", RecordType.A));
    }

    [Fact]
    public void Any_octets_are_read_or_refused()
    {
        var sound = Hex("0001 8180 0001 0003 0001 0000 01 77 00 0010 0001 c00c 0010 0001 00000000 0007 02 6162 03 636465"
            + "c00c 000f 0001 0000012c 0009 000a 04 6d61696c c00c c00c 000c 0001 0000012c 0002 c00c 00 0006 0001 00000001 0016 0000 0000000100000001000000010000000100000001");
        RecordType[] types = [RecordType.A, RecordType.Ptr, RecordType.Mx, RecordType.Txt, RecordType.Aaaa];
        Fuzzing.Repeat(
            random =>
            {
                var octets = sound.AsSpan(0, random.Next(12, sound.Length + 1)).ToArray();
                for (var changes = random.Next(4); changes > 0; changes--)
                    octets[random.Next(octets.Length)] = (byte)random.Next(256);
                var type = types[random.Next(types.Length)];
                DnsResponse.Answers(octets, 1, "w", type);
                if (DnsResponse.Parse(octets, "w", type) is { } response)
                    Assert.InRange(response.Records.Length, 0, 12);
            },
            times: 2);
    }

    [Fact]
    public void The_system_s_servers_are_read() => Assert.Equal(
        [new IPEndPoint(IPAddress.Parse("10.0.0.53"), 53), new IPEndPoint(IPAddress.Parse("2001:db8::53"), 53)],
        SystemServers.Parse("# nameserver 1.1.1.1\nsearch example.org\nnameserver 10.0.0.53\nnameserver\t2001:db8::53 \nnameserver x\n"));

    [Fact]
    public void Without_any_the_one_of_this_machine_is_asked() =>
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 53)], SystemServers.Parse(""));

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
