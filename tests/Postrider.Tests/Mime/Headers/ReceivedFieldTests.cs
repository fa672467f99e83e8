using System.Net;
using System.Text;
using Postrider.Mime.Headers;
using Postrider.Smtp.Addresses;

namespace Postrider.Tests.Mime.Headers;

public sealed class ReceivedFieldTests
{
    private static readonly ReceivedField Field = new()
    {
        PeerName = "client.example",
        PeerAddress = IPAddress.Parse("192.0.2.7"),
        ByHost = "mx.example.org",
        Protocol = "ESMTP",
        Id = "00000400000a7",
        For = new Mailbox("jones", "example.org"),
        Date = new DateTimeOffset(2026, 11, 21, 21, 58, 28, TimeSpan.Zero),
    };

    [Fact]
    public void It_tells_from_by_with_id_for_and_when() => Assert.Equal(
        "Received: from client.example ([192.0.2.7])\r\n"
        + "\tby mx.example.org with ESMTP id 00000400000a7\r\n"
        + "\tfor <jones@example.org>; Sat, 21 Nov 2026 21:58:28 +0000\r\n",
        Text(Field));

    [Fact]
    public void Under_TLS_it_tells_version_and_cipher() => Assert.Contains(
        "\tby mx.example.org with ESMTPS (TLSv1.3 TLS_AES_256_GCM_SHA384) id 00000400000a7\r\n",
        Text(Field with { Protocol = "ESMTPS", Tls = "TLSv1.3 TLS_AES_256_GCM_SHA384" }),
        StringComparison.Ordinal);

    [Fact]
    public void A_host_name_that_goes_with_the_address_stands_before_it() =>
        Assert.StartsWith("Received: from client.example (host.example [192.0.2.7])\r\n", Text(Field with { PeerHostname = "host.example" }), StringComparison.Ordinal);

    [Fact]
    public void Without_a_single_recipient_it_names_none() => Assert.Equal(
        "Received: from client.example ([192.0.2.7])\r\n"
        + "\tby mx.example.org with SMTP id 00000400000a7;\r\n"
        + "\tSat, 21 Nov 2026 21:58:28 +0000\r\n",
        Text(Field with { For = null, Protocol = "SMTP" }));

    [Fact]
    public void A_priority_stands_behind_all_else()
    {
        Assert.EndsWith("\tfor <jones@example.org> PRIORITY -9; Sat, 21 Nov 2026 21:58:28 +0000\r\n", Text(Field with { Priority = -9 }), StringComparison.Ordinal);
        Assert.EndsWith(" id 00000400000a7 PRIORITY 0;\r\n\tSat, 21 Nov 2026 21:58:28 +0000\r\n", Text(Field with { Priority = 0, For = null }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "192.0.2.7", "Received: from [192.0.2.7] ([192.0.2.7])\r\n\tby ")]
    [InlineData("[192.0.2.7]", null, "Received: from [192.0.2.7]\r\n\tby ")]
    [InlineData(null, null, "Received: by ")]
    [InlineData("c", "2001:db8::1", "Received: from c ([IPv6:2001:db8::1])\r\n\tby ")]
    public void It_says_what_is_known_of_the_peer(string? name, string? address, string expected) => Assert.StartsWith(
        expected,
        Text(Field with { PeerName = name, PeerAddress = address is null ? null : IPAddress.Parse(address) }),
        StringComparison.Ordinal);

    [Fact]
    public void A_name_cannot_end_the_field() => Assert.StartsWith(
        "Received: from a??X-Evil:?1?b? (", Text(Field with { PeerName = "a\r\nX-Evil: 1(b)" }), StringComparison.Ordinal);

    [Fact]
    public void An_international_transaction_is_UTF8SMTP_and_keeps_its_letters()
    {
        var text = Text(Field with { IsInternational = true, Protocol = "UTF8SMTP", PeerName = "bücher.example", For = new Mailbox("jürgen", "bücher.example") });
        Assert.Contains("from bücher.example (", text, StringComparison.Ordinal);
        Assert.Contains("with UTF8SMTP id", text, StringComparison.Ordinal);
        Assert.Contains("for <jürgen@bücher.example>;", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_names_fit_in()
    {
        var longest = new string('ü', 255);
        var text = Text(Field with { IsInternational = true, PeerName = longest, ByHost = longest, For = new Mailbox(new string('ü', 64), longest) });
        Assert.EndsWith("+0000\r\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Return_path_stands_in_angle_brackets()
    {
        Assert.Equal("Return-Path: <\"a b\"@example.org>\r\n", Encoding.UTF8.GetString(ReturnPathField.Format(new ReversePath(new Mailbox("a b", "example.org")))));
        Assert.Equal("Return-Path: <>\r\n", Encoding.UTF8.GetString(ReturnPathField.Format(ReversePath.Null)));
    }

    private static string Text(ReceivedField field) => Encoding.UTF8.GetString(field.Format());
}
