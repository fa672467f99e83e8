using System.CommandLine;
using Postrider.Load.Accounting;
using Postrider.Load.Receiving;

namespace Postrider.Load.Commands;

/// <summary>A server that takes all mail and throws it away, as the end of a relay or as the ceiling of a generator.</summary>
internal static class SinkCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "Port of loopback.", DefaultValueFactory = static _ => 2599 };
        var command = new Command("sink", "Take all mail and throw it away, until interrupted.") { port };
        command.SetAction(async (parsed, interrupted) =>
        {
            var plan = new RecipientPlan(["b@example.net"], 1);
            var arrivals = new ArrivalLedger(new SentLedger(), plan);
            using var sink = new SmtpSink(parsed.GetValue(port), plan, arrivals);
            Console.WriteLine($"Listening on 127.0.0.1:{sink.Port}");
            await Task.Delay(Timeout.Infinite, interrupted).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            Console.WriteLine($"{arrivals.Count} messages");
        });
        return command;
    }
}
