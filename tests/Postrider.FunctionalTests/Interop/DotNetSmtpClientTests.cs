using System.Net.Mail;
using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>.NET's own SmtpClient sends into the server.</summary>
public sealed class DotNetSmtpClientTests
{
    [Fact]
    public async Task Messages_arrive_over_one_connection()
    {
        await using var server = await ServerProcess.StartAsync();
        using var client = new SmtpClient("127.0.0.1", server.EndPoint.Port);
        for (var i = 0; i < 3; i++)
        {
            using var message = new MailMessage("sender@raw.example", "b@example.net", $"number {i}", ".a line with a dot\r\nand Grüße\r\n");
            message.CC.Add("c@example.net");
            await client.SendMailAsync(message);
        }

        var arrived = (await Maildir.ReadAsync(server.Mailbox("c@example.net"), 3)).Select(Encoding.Latin1.GetString).ToList();

        for (var i = 0; i < 3; i++)
            Assert.Single(arrived, text => text.Contains($"Subject: number {i}\r\n", StringComparison.Ordinal));
        Assert.All(arrived, static text => Assert.StartsWith("Return-Path: <sender@raw.example>\r\n", text, StringComparison.Ordinal));
    }
}
