using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postrider.FunctionalTests;

/// <summary>A client that sends exactly the octets that it is given, one command at a time, and insists on success.</summary>
public sealed class RawSmtpClient : IAsyncDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly byte[] buffer = new byte[16 * 1024];

    private RawSmtpClient()
    {
    }

    /// <summary>Connects and takes the greeting.</summary>
    public static async Task<RawSmtpClient> ConnectAsync(IPEndPoint server)
    {
        var client = new RawSmtpClient();
        try
        {
            await client.socket.ConnectAsync(server);
            await client.ExpectAsync("220");
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether a server greets by now.</summary>
    public static async Task<bool> GreetsAsync(IPEndPoint server)
    {
        try
        {
            await using var client = await ConnectAsync(server);
            await client.CommandAsync("QUIT", "221");
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Sends one message.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="recipient">To whom.</param>
    /// <param name="content">Header and body as they are, dots not stuffed, the last line ended.</param>
    /// <param name="parameters">What follows the sender in MAIL.</param>
    public static async Task SendAsync(IPEndPoint server, string recipient, ReadOnlyMemory<byte> content, string parameters = " BODY=8BITMIME")
    {
        await using var client = await ConnectAsync(server);
        await client.CommandAsync("EHLO raw.example", "250");
        await client.CommandAsync($"MAIL FROM:<sender@raw.example>{parameters}", "250");
        await client.CommandAsync($"RCPT TO:<{recipient}>", "250");
        await client.CommandAsync("DATA", "354");
        var stuffed = Encoding.Latin1.GetString(content.Span).Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        await client.SendAsync(Encoding.Latin1.GetBytes(stuffed + ".\r\n"));
        await client.ExpectAsync("250");
        await client.CommandAsync("QUIT", "221");
    }

    /// <summary>Sends a command and waits for its reply, which has to be the expected one; gives its text.</summary>
    public async Task<string> CommandAsync(string command, string expected)
    {
        await SendAsync(Encoding.UTF8.GetBytes(command + "\r\n"));
        return await ExpectAsync(expected);
    }

    /// <summary>Sends octets.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        while (!octets.IsEmpty)
            octets = octets[await socket.SendAsync(octets)..];
    }

    /// <summary>Waits for a reply.</summary>
    /// <exception cref="SocketException">The connection ended before it.</exception>
    public async Task<string> ExpectAsync(string code)
    {
        var text = "";
        while (!text.EndsWith('\n') || text.TrimEnd().Split('\n')[^1] is not { Length: >= 3 } last || (last.Length > 3 && last[3] == '-'))
        {
            var length = await socket.ReceiveAsync(buffer);
            if (length == 0)
                throw new SocketException((int)SocketError.ConnectionReset);
            text += Encoding.UTF8.GetString(buffer, 0, length);
        }
        Assert.StartsWith(code, text, StringComparison.Ordinal);
        return text;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
