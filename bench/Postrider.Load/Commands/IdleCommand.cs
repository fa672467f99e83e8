using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Postrider.Load.Measuring;

namespace Postrider.Load.Commands;

/// <summary>Opens many connections, says EHLO on each and leaves them idle, under TLS and after a message where that is asked for: what does each cost the server?</summary>
internal static class IdleCommand
{
    // The kernel tells connections from one address to one port apart by some 28,000 ports; servers may limit an address, too.
    private const int PerAddress = 100;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);
    private static readonly byte[] Message = Encoding.ASCII.GetBytes("Subject: idle\r\n\r\n" + string.Concat(Enumerable.Repeat(new string('x', 62) + "\r\n", 160)) + ".\r\n");

    private static readonly SslClientAuthenticationOptions takingAny = new()
    {
        TargetHost = "localhost",
        // The server under load has made its certificate itself.
        RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
    };

    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port of the server on loopback.", DefaultValueFactory = static _ => 2525 };
        var count = new Option<int>("--connections") { Description = "How many.", DefaultValueFactory = static _ => 19_000 };
        var tls = new Option<bool>("--tls") { Description = "TLS from the first octet." };
        var message = new Option<bool>("--message") { Description = "Each sends a message of 10 KB before it rests." };
        var processes = new Option<int[]>("--pid") { Description = "The server's process.", AllowMultipleArgumentsPerToken = true };
        var group = new Option<string?>("--cgroup") { Description = "The folder of the server's control group." };
        var label = new Option<string>("--label") { Description = "What to call the server.", DefaultValueFactory = static _ => "server" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("idle", "Open idle connections and measure the server's memory.") { port, count, tls, message, processes, group, label, json };
        command.SetAction(async (parsed, interrupted) =>
        {
            var meter = new ServerMeter(parsed.GetValue(processes) ?? [], parsed.GetValue(group));
            var target = new IPEndPoint(IPAddress.Loopback, parsed.GetValue(port));

            var (isSecure, sends) = (parsed.GetValue(tls), parsed.GetValue(message));
            Task<Socket> OpenAsync(int number) => IdleCommand.OpenAsync(target, number, isSecure, sends, interrupted);

            // The server's code runs once before it is looked at.
            for (var i = 0; i < 200; i++)
                (await OpenAsync(i)).Dispose();
            await SettleAsync(parsed.GetValue(processes) ?? [], interrupted);
            var before = meter.Memory;
            var start = Stopwatch.GetTimestamp();
            var open = new List<Socket>();
            string? trouble = null;
            for (var i = 0; i < parsed.GetValue(count) && trouble is null; i++)
            {
                try
                {
                    open.Add(await OpenAsync(i));
                }
                catch (SocketException error)
                {
                    trouble = error.Message;
                }
            }
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            await SettleAsync(parsed.GetValue(processes) ?? [], interrupted);
            var after = meter.Memory;
            var greeted = new List<double>();
            for (var i = 0; i < 50 && trouble is null; i++)
            {
                var asked = Stopwatch.GetTimestamp();
                (await OpenAsync(open.Count + i)).Dispose();
                greeted.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }
            var each = (after - before) / (double)Math.Max(open.Count, 1);
            var name = parsed.GetValue(label)!;
            var late = LoadReport.Median(greeted);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { label = name, connections = open.Count, before, after, each, seconds, greeted_ms = late, trouble })
                : string.Create(CultureInfo.InvariantCulture, $"{name,-16} {open.Count} idle connections in {seconds:0.0} s: {before / 1e6:0.0} -> {after / 1e6:0.0} MB, {each:0} B each; one more is greeted and answered in {late:0.00} ms{(trouble is null ? "" : "; stopped: " + trouble)}"));
            foreach (var socket in open)
                socket.Dispose();
            return trouble is null ? 0 : 1;
        });
        return command;
    }

    private static async Task SettleAsync(IReadOnlyList<int> processes, CancellationToken interrupted)
    {
        await Task.Delay(Settling, interrupted);
        // Twice: what has a finalizer goes with the second.
        for (var i = 0; i < 2; i++)
        {
            foreach (var process in processes)
                await GarbageCollection.InduceAsync(process, interrupted);
            await Task.Delay(Settling, interrupted);
        }
    }

    private static async Task<Socket> OpenAsync(IPEndPoint target, int number, bool isSecure, bool sends, CancellationToken interrupted)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var place = number / PerAddress;
            socket.Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(place / 250), (byte)(1 + place % 250)]), 0));
            await socket.ConnectAsync(target, interrupted);
            Stream stream = new NetworkStream(socket, ownsSocket: false);
            if (isSecure)
            {
                // Once it rests, our side of it may be forgotten: the server does not notice.
                var secure = new SslStream(stream, leaveInnerStreamOpen: true);
                await secure.AuthenticateAsClientAsync(takingAny, interrupted);
                stream = secure;
            }
            await using (stream)
            {
                await ExpectAsync(stream, "220", interrupted);
                await stream.WriteAsync("EHLO load.example\r\n"u8.ToArray(), interrupted);
                await ExpectAsync(stream, "250", interrupted);
                if (sends)
                {
                    await stream.WriteAsync("MAIL FROM:<a@example.org>\r\n"u8.ToArray(), interrupted);
                    await ExpectAsync(stream, "250", interrupted);
                    await stream.WriteAsync("RCPT TO:<b@example.net>\r\n"u8.ToArray(), interrupted);
                    await ExpectAsync(stream, "250", interrupted);
                    await stream.WriteAsync("DATA\r\n"u8.ToArray(), interrupted);
                    await ExpectAsync(stream, "354", interrupted);
                    await stream.WriteAsync(Message, interrupted);
                    await ExpectAsync(stream, "250", interrupted);
                }
            }
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task ExpectAsync(Stream stream, string code, CancellationToken interrupted)
    {
        var buffer = new byte[4096];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), interrupted);
            if (read == 0)
                throw new SocketException((int)SocketError.ConnectionReset);
            length += read;
            var text = Encoding.ASCII.GetString(buffer, 0, length);
            var last = text.TrimEnd().Split('\n')[^1];
            if (!text.EndsWith('\n') || (last.Length > 3 && last[3] == '-'))
                continue;
            if (!last.StartsWith(code, StringComparison.Ordinal))
                throw new SocketException((int)SocketError.ConnectionRefused, "the server said " + last);
            return;
        }
    }
}
