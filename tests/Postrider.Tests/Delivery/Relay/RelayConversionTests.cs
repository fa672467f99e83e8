using System.Text;
using Postrider.Smtp.Envelopes;
using Postrider.Tests.Transport.Dialing;

namespace Postrider.Tests.Delivery.Relay;

/// <summary>What a server does not take as it is goes to it converted, or comes back.</summary>
public sealed class RelayConversionTests
{
    private const string EightBit = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\n\r\nein W\u00f6rtchen\r\n";
    private const string Quoted = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nein W=F6rtchen\r\n";
    private const string Binary = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\n.\n";
    private const string Lines = "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nLgo=\r\n";
    private const string Signed = "MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n\u00fc\r\n--b--\r\n";

    [Theory]
    [InlineData(EightBit, BodyType.EightBitMime, false, "8BITMIME", EightBit, " BODY=8BITMIME")]
    [InlineData(EightBit, BodyType.EightBitMime, false, "SIZE", Quoted, " SIZE=")]
    [InlineData(Binary, BodyType.BinaryMime, false, "SIZE", Lines, " SIZE=")]
    [InlineData(Binary, BodyType.BinaryMime, false, "8BITMIME", Lines, " BODY=8BITMIME")]
    [InlineData("Subject: x\r\n\r\ny\r\n", BodyType.SevenBit, true, "DSN", "Subject: x\r\n\r\ny\r\n", "")]
    [InlineData(EightBit, BodyType.EightBitMime, true, "DSN", Quoted, "")]
    public void It_goes_converted(string content, BodyType body, bool smtpUtf8, string keyword, string arrives, string parameters)
    {
        var run = new RelayRig("192.0.2.1") { Content = Encoding.Latin1.GetBytes(content), Body = body, SmtpUtf8 = smtpUtf8 };
        string? got = null;
        var mail = "";
        run.Serve("192.0.2.1", async peer =>
        {
            mail = await GreetAsync(peer, keyword);
            await peer.SayAsync("250 ok");
            got = await peer.TakeMessageAsync();
        });
        run.Deliver("b@y.example");
        Assert.Equal("b Relayed 250 2.0.0 taken [192.0.2.1]", run.Outcomes);
        Assert.Equal(arrives, got);
        var size = parameters == " SIZE=" ? $" SIZE={arrives.Length}" : parameters;
        Assert.Equal($"MAIL FROM:<sender@example.com>{size}", mail);
    }

    [Theory]
    [InlineData(Signed, BodyType.EightBitMime, false, "5.6.3")]
    [InlineData("Subject: \u00fc\r\n\r\n\n", BodyType.BinaryMime, false, "5.6.3")]
    [InlineData("Subject: \u00fc\r\n\r\nx\r\n", BodyType.EightBitMime, true, "5.6.9")]
    public void What_cannot_be_converted_comes_back(string content, BodyType body, bool smtpUtf8, string code)
    {
        var run = new RelayRig("192.0.2.1") { Content = Encoding.Latin1.GetBytes(content), Body = body, SmtpUtf8 = smtpUtf8 };
        // One that takes 8 bits where SMTPUTF8 is the matter.
        run.Serve("192.0.2.1", peer => GreetAsync(peer, smtpUtf8 ? "8BITMIME" : "SIZE"));
        run.Deliver("b@y.example");
        Assert.StartsWith($"b Failed 0 {code} ", run.Outcomes, StringComparison.Ordinal);
    }

    private static async Task<string> GreetAsync(ScriptedPeer peer, string keyword)
    {
        await peer.SayAsync("220 mx.example");
        await peer.HearAsync();
        await peer.SayAsync("250-mx.example", $"250 {keyword}");
        return await peer.HearAsync() ?? "";
    }
}
