using System.Diagnostics;
using System.Globalization;
using Postrider.Load.Accounting;
using Postrider.Load.Receiving;
using Postrider.Load.Sending;

namespace Postrider.FunctionalTests.Campaigns;

/// <summary>
/// Kills the program again and again at random moments while it is under load, starts it again each
/// time, lets it empty its queue at the end, and compares what it took with what arrived. Each message
/// has one recipient in a Maildir and one behind a relay.
/// </summary>
internal sealed class KillCampaign
{
    // Small, of the usual size, several at once in a batch, and larger than what stays in memory (rule 7).
    private static readonly int[] Sizes = [1000, 10_000, 2000, 10_000, 60_000, 1000, 5000, 10_000, 1000, 400_000];
    private static readonly string[] Addresses = ["b0@box.example", "c0@sink.example", "b1@box.example", "c1@sink.example"];

    private const int Sessions = 20;
    private const int MostBacklog = 3000;
    private const int LongestLife = 1200;

    // Outcomes join a commit within 50 ms (rule 18), and what a loaded machine takes to come to it and to sync comes on top.
    private static readonly long OutcomeDelay = Stopwatch.Frequency;

    private readonly int loops;
    private readonly Random random;
    private readonly Action<string> report;
    private readonly SentLedger sent = new();
    private readonly RecipientPlan plan = new(Addresses, each: 2);
    private readonly List<(long Begun, long Done)> kills = [];

    /// <summary>Prepares a campaign.</summary>
    /// <param name="loops">How many kills.</param>
    /// <param name="seed">Decides when.</param>
    /// <param name="report">Is told how it goes.</param>
    public KillCampaign(int loops, int seed, Action<string> report)
    {
        this.loops = loops;
        this.report = report;
        random = new Random(seed);
    }

    /// <summary>Runs it.</summary>
    public async Task<KillResult> RunAsync()
    {
        var arrivals = new ArrivalLedger(sent, plan);
        using var sink = new SmtpSink(0, plan, arrivals);
        await using var server = await ServerProcess.StartAsync($$"""
            {
              "hostname": "kill.example",
              "localDomains": ["box.example"],
              "routes": { "sink.example": ["127.0.0.1:{{sink.Port}}"] },
              "retry": { "after": ["100ms", "1s"] }
            }
            """);
        using var load = new Load(server, sent, plan, () => arrivals.Count);
        for (var loop = 1; loop <= loops; loop++)
        {
            // One in five dies while it starts, the others under load.
            if (random.Next(5) > 0)
                await server.GreetedAsync();
            await Task.Delay(random.Next(LongestLife));
            var killing = Stopwatch.GetTimestamp();
            await server.KillAsync();
            kills.Add((killing, Stopwatch.GetTimestamp()));
            server.Launch();
            if (loop % 10 == 0 || loop == loops)
                report(string.Create(CultureInfo.InvariantCulture, $"{loop} kills: {sent.Accepted} messages taken, {arrivals.Count} deliveries at the sink, {arrivals.Duplicates.Count} again"));
        }
        await server.GreetedAsync();
        load.Dispose();
        var held = await DrainAsync(server);
        await server.StopAsync();

        // From here on nobody else writes into the account.
        sink.Dispose();
        var relayedAgain = arrivals.Duplicates.ToList();
        arrivals.Duplicates.Clear();
        for (var i = 0; i < Addresses.Length; i += 2)
            MaildirAudit.Note(server.Mailbox(Addresses[i]), i, arrivals);
        return new KillResult
        {
            Accepted = sent.Accepted,
            Begun = sent.Begun,
            Held = held,
            Missing = [.. arrivals.Missing()],
            Corrupt = arrivals.Corrupt,
            Strange = arrivals.Strange,
            RelayedAgain = relayedAgain.Count,
            Unexplained = [.. relayedAgain.Where(d => !kills.Exists(kill => d.First <= kill.Done && kill.Begun <= d.Again && kill.Begun - d.First <= OutcomeDelay))],
            LongestWait = TimeSpan.FromSeconds(relayedAgain.Select(d => kills.Where(kill => d.First <= kill.Done).Select(kill => kill.Begun - d.First).Min()).DefaultIfEmpty().Max() / (double)Stopwatch.Frequency),
            StoredAgain = arrivals.Duplicates.Count,
        };
    }

    // A message whose attempts were cut off three times is held (rule 19), and released here.
    private static async Task<int> DrainAsync(ServerProcess server)
    {
        var held = 0;
        await Eventually.TrueAsync(
            async () =>
            {
                var listing = await CommandRun.OfAsync("queue", "list", "--limit", "100000", "--data", server.Data);
                Assert.Equal(0, listing.ExitCode);
                var lines = listing.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                if (lines.Length == 0)
                    return true;
                var now = lines.Count(static line => line.Split('\t') is [_, "held", ..]);
                if (now > 0)
                    await CommandRun.OfAsync("queue", "release", "--all", "--data", server.Data);
                held += now;
                return false;
            },
            () => "the queue does not become empty; the server wrote:\n" + server.Output);
        return held;
    }

    // Sends on a thread of its own, and waits while too much is queued.
    private sealed class Load : IDisposable
    {
        private readonly Thread thread;
        private volatile bool isStopped;

        public Load(ServerProcess server, SentLedger sent, RecipientPlan plan, Func<long> relayed)
        {
            thread = new Thread(() =>
            {
                using var generator = new LoadGenerator(
                    new LoadOptions { Target = server.EndPoint, Sessions = Sessions, Sizes = Sizes, Pipelined = true, Reuse = true, Recipients = plan }, sent);
                generator.RunUntil(() => isStopped, () => sent.Accepted - relayed() < MostBacklog);
                generator.Finish(TimeSpan.FromSeconds(10));
            })
            {
                IsBackground = true,
                Name = "load",
            };
            thread.Start();
        }

        public void Dispose()
        {
            isStopped = true;
            thread.Join();
        }
    }
}
