using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Hosting;
using Postrider.Hosting;
using Postrider.Hosting.Reception;

namespace Postrider.FunctionalTests;

/// <summary>A load balancer before the server, over real sockets.</summary>
public sealed class ProxyTests
{
    [Theory]
    [InlineData("PROXY TCP4 198.51.100.9 203.0.113.1 40112 25\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc6\x33\x64\x09\xcb\0\x71\x01\x9c\xb0\0\x19")]
    public async Task The_client_that_a_proxy_names_stands_in_the_trace_and_before_the_limits(string header)
    {
        using var folder = new TemporaryFolder("proxy");
        var endPoint = ServerProcess.FreePort();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMailQueue(mail =>
        {
            mail.Hostname = "mail.example.org";
            mail.DataFolder = folder.Path;
            mail.LocalDomains.Add("example.org");
        });
        builder.Services.AddSmtpServer(smtp =>
        {
            smtp.Limits.ConnectionsPerAddress = 1;
            smtp.Listeners.Add(new ListenerOptions { Address = "127.0.0.1", Port = endPoint.Port, ProxyFrom = ["127.0.0.1"] });
        });
        using var host = builder.Build();
        await host.StartAsync();

        using var first = await ConnectAsync(endPoint, header + "EHLO client.example\r\n");
        // Loopback is exempt and may relay; the client behind the proxy is and may neither.
        Assert.StartsWith("550 5.7.1", await TalkAsync(first, "MAIL FROM:<a@b.example>\r\nRCPT TO:<x@elsewhere.example>\r\n", "550"), StringComparison.Ordinal);
        using (var second = await ConnectAsync(endPoint, header))
            Assert.StartsWith("421 4.7.0 Too many connections from your address", await TalkAsync(second, "", "421"), StringComparison.Ordinal);
        using (var other = await ConnectAsync(endPoint, header.Replace("198.51.100.9", "198.51.100.8", StringComparison.Ordinal).Replace("\x64\x09", "\x64\x08", StringComparison.Ordinal)))
            await TalkAsync(other, "", "220");

        await TalkAsync(first, "RCPT TO:<anna@example.org>\r\nDATA\r\n", "354");
        await TalkAsync(first, "Subject: x\r\n\r\nx\r\n.\r\n", "250 2.0.0 Queued");
        var mailbox = Path.Combine(folder.Path, "mail", "example.org", "anna", "new");
        var file = await Eventually.FoundAsync(() => Directory.Exists(mailbox) && Directory.GetFiles(mailbox) is [var only] ? only : null, () => "Nothing was delivered.");
        Assert.Contains("[198.51.100.9]", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        await host.StopAsync();
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint server, string first)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server);
        await socket.SendAsync(Encoding.Latin1.GetBytes(first));
        return socket;
    }

    // Sends, and reads up to the line that begins so, which is returned.
    private static async Task<string> TalkAsync(Socket socket, string text, string awaited)
    {
        if (text.Length > 0)
            await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        var heard = new StringBuilder();
        var buffer = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer, patience.Token);
            Assert.True(count > 0, $"closed before {awaited}: {heard}");
            heard.Append(Encoding.ASCII.GetString(buffer, 0, count));
            if (heard.ToString().Split("\r\n").FirstOrDefault(line => line.StartsWith(awaited, StringComparison.Ordinal)) is { } found)
                return found;
        }
    }
}
