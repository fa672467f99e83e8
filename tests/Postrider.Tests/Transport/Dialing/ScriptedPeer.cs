using System.Net;
using System.Text;
using Postrider.Testing.Networks;
using Postrider.Transport;

namespace Postrider.Tests.Transport.Dialing;

/// <summary>A server whose every word a test writes.</summary>
internal sealed class ScriptedPeer(ITransport transport) : IAsyncDisposable
{
    private string unread = "";

    public static readonly IPEndPoint Address = new(IPAddress.Parse("192.0.2.25"), 25);

    public static IListener Listen(InMemoryNetwork network) => network.Listen(Address);

    public static async Task<ScriptedPeer> AcceptAsync(IListener listener) => new((await listener.AcceptAsync())!);

    /// <summary>Greets, takes EHLO and offers extensions.</summary>
    public static async Task<ScriptedPeer> GreetAsync(IListener listener, params string[] extensions)
    {
        var peer = await AcceptAsync(listener);
        await peer.SayAsync("220 mx.example");
        Assert.StartsWith("EHLO ", await peer.HearAsync(), StringComparison.Ordinal);
        string[] lines = ["mx.example", .. extensions];
        for (var i = 0; i < lines.Length; i++)
            await peer.SayAsync($"250{(i == lines.Length - 1 ? ' ' : '-')}{lines[i]}");
        return peer;
    }

    public async Task SayAsync(params string[] lines)
    {
        try
        {
            foreach (var line in lines)
                await transport.WriteAsync(Encoding.Latin1.GetBytes(line + "\r\n"));
        }
        catch (IOException)
        {
            // The client has gone; what is heard next says so.
        }
    }

    /// <summary>The next line; null at the end of the connection.</summary>
    public async Task<string?> HearAsync() => await HearToAsync("\r\n");

    /// <summary>All up to the end of data, stuffed as it is, without the final dot.</summary>
    public async Task<string?> HearContentAsync()
    {
        // An empty content is nothing but the dot.
        unread = "\r\n" + unread;
        return await HearToAsync("\r\n.\r\n") is { } content ? (content + "\r\n")[2..] : null;
    }

    /// <summary>Takes commands until DATA and answers each; then the content, answered too. Gives the content; null at QUIT or the end.</summary>
    public async Task<string?> TakeMessageAsync(string finalReply = "250 2.0.0 taken")
    {
        while (await HearAsync() is { } line)
        {
            if (line == "QUIT")
            {
                await SayAsync("221 bye");
                return null;
            }
            await SayAsync(line == "DATA" ? "354 go" : "250 ok");
            if (line != "DATA")
                continue;
            var content = await HearContentAsync();
            await SayAsync(finalReply);
            return content;
        }
        return null;
    }

    public void Abort() => transport.Abort();

    public ValueTask DisposeAsync() => transport.DisposeAsync();

    private async Task<string?> HearToAsync(string end)
    {
        var buffer = new byte[4096];
        var text = new StringBuilder(unread);
        while (true)
        {
            unread = text.ToString();
            var found = unread.IndexOf(end, StringComparison.Ordinal);
            if (found >= 0)
            {
                var heard = unread[..found];
                unread = unread[(found + end.Length)..];
                return heard;
            }
            int count;
            try
            {
                count = await transport.ReadAsync(buffer);
            }
            catch (IOException)
            {
                return null;
            }
            if (count == 0)
                return null;
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
    }
}
