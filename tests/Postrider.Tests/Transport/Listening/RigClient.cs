using System.Text;
using Postrider.Transport;

namespace Postrider.Tests.Transport.Listening;

/// <summary>The peer of a server under test, who says exactly what it is told to.</summary>
internal sealed class RigClient(ITransport transport)
{
    private readonly StringBuilder unread = new();
    private readonly byte[] buffer = new byte[4096];

    public ITransport Transport => transport;

    public async Task SendAsync(string text) => await transport.WriteAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>One reply with all its lines; empty at the end of the connection.</summary>
    public async Task<string> ReadReplyAsync()
    {
        var reply = new StringBuilder();
        while (true)
        {
            var line = await ReadLineAsync();
            reply.Append(line);
            if (line.Length < 4 || line[3] != '-')
                return reply.ToString();
        }
    }

    public async Task<List<string>> ReadCodesAsync(int count)
    {
        var codes = new List<string>();
        while (codes.Count < count)
            codes.Add((await ReadReplyAsync())[..3]);
        return codes;
    }

    /// <summary>All that comes until the server closes the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        while (await FillAsync())
        {
        }
        var rest = unread.ToString();
        unread.Clear();
        return rest;
    }

    public async Task<string> ReadLineAsync()
    {
        while (true)
        {
            var text = unread.ToString();
            var end = text.IndexOf("\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                unread.Remove(0, end + 2);
                return text[..(end + 2)];
            }
            if (!await FillAsync())
                return "";
        }
    }

    private async Task<bool> FillAsync()
    {
        var count = await transport.ReadAsync(buffer);
        unread.Append(Encoding.Latin1.GetString(buffer, 0, count));
        return count > 0;
    }
}
