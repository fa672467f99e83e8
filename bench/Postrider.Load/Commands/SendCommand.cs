using System.CommandLine;
using System.Diagnostics;
using System.Net;
using Postrider.Load.Accounting;
using Postrider.Load.Measuring;
using Postrider.Load.Receiving;
using Postrider.Load.Sending;
using Postrider.Load.Sockets;

namespace Postrider.Load.Commands;

/// <summary>Loads a server and measures it: until it has taken the mail, or until the mail has arrived.</summary>
internal static class SendCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static Command Create()
    {
        var host = new Option<string>("--host") { Description = "Address of the server (IPv4).", DefaultValueFactory = static _ => "127.0.0.1" };
        var port = new Option<int>("--port") { Description = "Port of the server.", DefaultValueFactory = static _ => 2525 };
        var sessions = new Option<int>("--sessions") { Description = "Connections at once.", DefaultValueFactory = static _ => 50 };
        var size = new Option<int>("--size") { Description = "Octets of a message.", DefaultValueFactory = static _ => 10 * 1024 };
        var pipelined = new Option<bool>("--pipelined") { Description = "MAIL, RCPT and DATA in one write." };
        var reuse = new Option<bool>("--reuse") { Description = "One connection for many messages." };
        var recipients = new Option<int>("--recipients") { Description = "Recipients of each message, 1 to 64.", DefaultValueFactory = static _ => 1 };
        var to = new Option<string>("--to") { Description = "The recipient; with several, a number is put before the @.", DefaultValueFactory = static _ => "b@example.net" };
        var seconds = new Option<double>("--seconds") { Description = "Length of a window.", DefaultValueFactory = static _ => 2 };
        var messages = new Option<int?>("--messages") { Description = "Messages in a window, instead of its length." };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds before the first window.", DefaultValueFactory = static _ => 2 };
        var windows = new Option<int>("--windows") { Description = "How many windows; the median counts.", DefaultValueFactory = static _ => 3 };
        var sink = new Option<int?>("--sink") { Description = "Take the relayed mail on this port of loopback; a window ends when all has arrived." };
        var maildir = new Option<string?>("--maildir") { Description = "The recipient's Maildir; a window ends when all has arrived." };
        var processes = new Option<int[]>("--pid") { Description = "The server's process.", AllowMultipleArgumentsPerToken = true };
        var group = new Option<string?>("--cgroup") { Description = "The folder of the server's control group, for one of many processes." };
        var disk = new Option<string?>("--disk") { Description = "A folder on the server's disk." };
        var tls = new Option<string>("--tls") { Description = "implicit: TLS from the first octet; starttls; or none.", DefaultValueFactory = static _ => "none" };
        tls.AcceptOnlyFromAmong("none", "implicit", "starttls");
        var label = new Option<string>("--label") { Description = "What to call the server.", DefaultValueFactory = static _ => "server" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("send", "Send load and measure the server.")
        {
            host, port, sessions, size, pipelined, reuse, recipients, to, seconds, messages, warmUp, windows, sink, maildir, processes, group, disk, tls, label, json,
        };
        command.SetAction(parsed =>
        {
            var each = parsed.GetValue(recipients);
            var address = parsed.GetValue(to)!;
            var plan = new RecipientPlan(each == 1 ? [address] : [.. Enumerable.Range(0, each).Select(i => address.Replace("@", $"{i}@", StringComparison.Ordinal))], each);
            using var client = parsed.GetValue(tls) == "none" ? null : new TlsClient(0);
            var options = new LoadOptions
            {
                Target = new IPEndPoint(IPAddress.Parse(parsed.GetValue(host)!), parsed.GetValue(port)),
                Sessions = parsed.GetValue(sessions),
                Sizes = [parsed.GetValue(size)],
                Pipelined = parsed.GetValue(pipelined),
                Reuse = parsed.GetValue(reuse),
                Recipients = plan,
                Tls = client,
                UsesStartTls = parsed.GetValue(tls) == "starttls",
            };
            var ledger = new SentLedger();
            var arrivals = new ArrivalLedger(ledger, plan);
            using var generator = new LoadGenerator(options, ledger);
            using var receiver = parsed.GetValue(sink) is { } sinkPort ? new SmtpSink(sinkPort, plan, arrivals) : null;
            var box = parsed.GetValue(maildir);
            var endToEnd = receiver is not null || box is not null;
            var server = new ServerMeter(parsed.GetValue(processes) ?? [], parsed.GetValue(group));
            var measured = new DiskMeter(parsed.GetValue(disk));
            var schedule = new WindowSchedule(
                TimeSpan.FromSeconds(parsed.GetValue(warmUp)), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(messages), parsed.GetValue(windows));

            List<LoadWindow> all;
            long first = 0, peak = 0, last = 0;
            var ownCpu = Environment.CpuUsage.TotalTime;
            using (var memory = server.IsKnown ? new MemorySampler(server) : null)
            {
                all = endToEnd
                    ? EndToEnd(generator, schedule, server, measured, box is null ? () => arrivals.Count : () => (long)MaildirAudit.Count(box) * each, each)
                    : Acceptance(generator, schedule, server, measured);
                if (memory is not null)
                    (first, peak, last) = (memory.First, memory.Peak, memory.Last);
            }
            var own = (Environment.CpuUsage.TotalTime - ownCpu).TotalMicroseconds / Math.Max(ledger.Accepted, 1);
            if (box is not null)
                MaildirAudit.Note(box, 0, arrivals);

            var mail = (double)parsed.GetValue(size);
            var report = new LoadReport
            {
                Label = parsed.GetValue(label)!,
                Size = parsed.GetValue(size),
                Sessions = options.Sessions,
                Pipelined = options.Pipelined,
                Reuse = options.Reuse,
                Rate = LoadReport.Median(all.Select(static w => w.Rate)),
                Rates = [.. all.Select(static w => Math.Round(w.Rate))],
                P50Milliseconds = LoadReport.Median(all.Select(static w => w.P50)),
                P99Milliseconds = LoadReport.Median(all.Select(static w => w.P99)),
                CpuPerMessage = LoadReport.Median(all.Select(static w => w.CpuPerMessage)),
                Writes = LoadReport.Median(all.Select(w => w.DiskWritten / (mail * Math.Max(w.Messages, 1)))),
                OwnCpuPerMessage = own,
                MemoryFirst = first,
                MemoryPeak = peak,
                MemoryLast = last,
                Accepted = ledger.Accepted,
                Arrived = endToEnd ? arrivals.Count : null,
                Missing = endToEnd ? arrivals.Missing().Count() : null,
                Duplicates = endToEnd ? arrivals.Duplicates.Count : null,
                Corrupt = endToEnd ? arrivals.Corrupt.Count : null,
                Errors = generator.Errors,
            };
            Console.WriteLine(parsed.GetValue(json) ? report.ToJson() : report.ToString());
            return report.Missing > 0 || report.Corrupt > 0 ? 1 : 0;
        });
        return command;
    }

    private static List<LoadWindow> Acceptance(LoadGenerator generator, WindowSchedule schedule, ServerMeter server, DiskMeter disk)
    {
        generator.RunFor(schedule.WarmUp);
        List<LoadWindow> windows = [];
        for (var i = 0; i < schedule.Windows; i++)
        {
            windows.Add(LoadWindow.Measure(generator, server, disk, () =>
            {
                var before = generator.Ledger.Accepted;
                if (schedule.Messages is { } messages)
                    generator.Send(messages, Patience);
                else
                    generator.RunFor(schedule.Window);
                return generator.Ledger.Accepted - before;
            }));
        }
        generator.Finish(Patience);
        return windows;
    }

    private static List<LoadWindow> EndToEnd(LoadGenerator generator, WindowSchedule schedule, ServerMeter server, DiskMeter disk, Func<long> arrived, int each)
    {
        // A short run tells how many messages fill a window.
        var trial = schedule.Messages ?? 500;
        long expected = 0;
        var warm = LoadWindow.Measure(generator, server, disk, () => SendAndWait(trial));
        while (schedule.Messages is null && warm.Seconds < schedule.WarmUp.TotalSeconds && trial < 1_000_000)
            warm = LoadWindow.Measure(generator, server, disk, () => SendAndWait(trial *= 2));
        var messages = schedule.Messages ?? (int)Math.Max(warm.Rate * schedule.Window.TotalSeconds, 100);
        return [.. Enumerable.Range(0, schedule.Windows).Select(_ => LoadWindow.Measure(generator, server, disk, () => SendAndWait(messages)))];

        long SendAndWait(int count)
        {
            var before = generator.Ledger.Accepted;
            generator.Send(count, Patience);
            var accepted = generator.Ledger.Accepted - before;
            expected += (long)accepted * each;
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < Patience)
            {
                // Looking into a large folder takes time that belongs to the server.
                var look = Stopwatch.GetTimestamp();
                if (arrived() >= expected)
                    break;
                Pause(Math.Clamp(5 * Stopwatch.GetElapsedTime(look).TotalMilliseconds, 1, 100));
            }
            return accepted;
        }
    }

    private static void Pause(double milliseconds)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(TimeSpan.FromMilliseconds(milliseconds));
    }
}
