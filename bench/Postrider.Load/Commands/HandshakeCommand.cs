using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Postrider.Load.Measuring;
using Postrider.Load.Sending;
using Postrider.Load.Sockets;

namespace Postrider.Load.Commands;

/// <summary>Makes as many TLS handshakes as it can: what does each cost the server?</summary>
internal static class HandshakeCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port of the server on loopback, TLS from the first octet.", DefaultValueFactory = static _ => 2465 };
        var version = new Option<string>("--tls-version") { Description = "1.2 or 1.3.", DefaultValueFactory = static _ => "1.3" };
        version.AcceptOnlyFromAmong("1.2", "1.3");
        var resume = new Option<bool>("--resume") { Description = "Offer the last session to be resumed." };
        var silent = new Option<bool>("--silent") { Description = "The server does not speak first." };
        var seconds = new Option<double>("--seconds") { Description = "How long.", DefaultValueFactory = static _ => 2 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds before that.", DefaultValueFactory = static _ => 0.3 };
        var processes = new Option<int[]>("--pid") { Description = "The server's process.", AllowMultipleArgumentsPerToken = true };
        var group = new Option<string?>("--cgroup") { Description = "The folder of the server's control group." };
        var label = new Option<string>("--label") { Description = "What to call the server.", DefaultValueFactory = static _ => "server" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("handshake", "Make TLS handshakes and measure the server.") { port, version, resume, silent, seconds, warmUp, processes, group, label, json };
        command.SetAction(parsed =>
        {
            var meter = new ServerMeter(parsed.GetValue(processes) ?? [], parsed.GetValue(group));
            using var client = new TlsClient(parsed.GetValue(version) == "1.2" ? LibSsl.Tls12 : LibSsl.Tls13) { Resumes = parsed.GetValue(resume) };
            using var generator = new HandshakeGenerator(new IPEndPoint(IPAddress.Loopback, parsed.GetValue(port)), client, !parsed.GetValue(silent));
            generator.RunFor(TimeSpan.FromSeconds(parsed.GetValue(warmUp)));
            var (done, resumed, cpu, start) = (generator.Done, generator.Resumed, meter.CpuMicroseconds, Stopwatch.GetTimestamp());
            generator.RunFor(TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            var taken = Stopwatch.GetElapsedTime(start).TotalSeconds;
            (done, resumed, cpu) = (generator.Done - done, generator.Resumed - resumed, meter.CpuMicroseconds - cpu);
            var (each, rate) = (cpu / Math.Max(done, 1), done / taken);
            Console.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { label = parsed.GetValue(label), rate, each, handshakes = done, resumed, broken = generator.Broken })
                : string.Create(CultureInfo.InvariantCulture, $"{parsed.GetValue(label),-16} {rate:0} handshakes/s, {each:0} us of CPU each; {resumed} of {done} resumed, {generator.Broken} broken"));
            return done > 0 ? 0 : 1;
        });
        return command;
    }
}
