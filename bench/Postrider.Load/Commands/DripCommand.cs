using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Postrider.Load.Commands;

/// <summary>
/// Opens many connections and sends an octet a second on each, until the server has ended them or the time is over. What honest
/// clients get meanwhile is measured by another run of this program.
/// </summary>
internal static class DripCommand
{
    private const int PerAddress = 40;
    private static readonly byte[] Opening = "EHLO drip.example\r\nMAIL FROM:<a@drip.example>\r\nRCPT TO:<drip@example.com>\r\nDATA\r\n"u8.ToArray();

    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port of the server on loopback.", DefaultValueFactory = static _ => 2525 };
        var count = new Option<int>("--connections") { Description = "How many.", DefaultValueFactory = static _ => 10_000 };
        var inBody = new Option<bool>("--body") { Description = "Drip in the body of a message; else in a command." };
        var seconds = new Option<int>("--seconds") { Description = "How long to drip.", DefaultValueFactory = static _ => 400 };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("drip", "Open connections that send an octet a second, and see when they are ended.") { port, count, inBody, seconds, json };
        command.SetAction(async (parsed, interrupted) =>
        {
            var target = new IPEndPoint(IPAddress.Loopback, parsed.GetValue(port));
            var open = new List<Socket>();
            for (var i = 0; i < parsed.GetValue(count); i++)
                open.Add(await OpenAsync(target, i, parsed.GetValue(inBody), interrupted));
            var began = open.Count;
            var start = Stopwatch.GetTimestamp();
            TimeSpan? first = null;
            TimeSpan? last = null;
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{began} connections drip"));
            for (var second = 1; second <= parsed.GetValue(seconds) && open.Count > 0; second++)
            {
                var rest = TimeSpan.FromSeconds(second) - Stopwatch.GetElapsedTime(start);
                if (rest > TimeSpan.Zero)
                    await Task.Delay(rest, interrupted);
                var ended = open.RemoveAll(static socket => !TryDrip(socket));
                if (ended == 0)
                    continue;
                last = Stopwatch.GetElapsedTime(start);
                first ??= last;
            }
            var name = parsed.GetValue(inBody) ? "body" : "command";
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { label = name, connections = began, left = open.Count, first_s = first?.TotalSeconds, last_s = last?.TotalSeconds })
                : string.Create(CultureInfo.InvariantCulture, $"{name}: of {began} connections {open.Count} are left; the first was ended after {first?.TotalSeconds:0} s, the last after {last?.TotalSeconds:0} s"));
            foreach (var socket in open)
                socket.Dispose();
            return open.Count == 0 ? 0 : 1;
        });
        return command;
    }

    // False, and disposed of, where the server has ended it: there is an end behind its last reply.
    private static bool TryDrip(Socket socket)
    {
        Span<byte> said = stackalloc byte[512];
        while (socket.Poll(0, SelectMode.SelectRead))
        {
            if (socket.Receive(said, SocketFlags.None, out var error) > 0 && error == SocketError.Success)
                continue;
            socket.Dispose();
            return false;
        }
        socket.Send("x"u8, SocketFlags.None, out _);
        return true;
    }

    private static async Task<Socket> OpenAsync(IPEndPoint target, int number, bool inBody, CancellationToken interrupted)
    {
        var place = number / PerAddress;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(new IPAddress([127, 2, (byte)(place / 250), (byte)(1 + place % 250)]), 0));
        await socket.ConnectAsync(target, interrupted);
        if (!inBody)
            return socket;
        await socket.SendAsync(Opening, interrupted);
        var heard = new StringBuilder();
        var buffer = new byte[2048];
        while (!heard.ToString().Contains("354 ", StringComparison.Ordinal))
        {
            var read = await socket.ReceiveAsync(buffer, interrupted);
            if (read == 0)
                throw new IOException($"The server would not take a message: {heard}");
            heard.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }
        return socket;
    }
}
