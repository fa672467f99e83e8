using System.Text;
using Postrider.Delivery;
using Postrider.Delivery.Local;
using Postrider.Delivery.Routing;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Testing.Simulations;

namespace Postrider.Tests.Delivery.Local;

/// <summary>The power goes at any change of the disk, over and over, while mail is delivered and a reader reads it.</summary>
public sealed class MaildirCrashTests
{
    private static readonly MaildirTarget Target = new("/mail");

    [Fact]
    public void What_was_reported_as_delivered_survives_and_nothing_is_there_twice_or_in_part()
    {
        var crashes = 0;
        for (var seed = 1; seed <= 60; seed++)
        {
            var simulation = new Simulation(seed);
            crashes += simulation.Run(() => new Campaign(simulation).RunAsync());
        }
        Assert.True(crashes == 180, $"Only {crashes} crashes.");
    }

    private sealed class Campaign(Simulation simulation)
    {
        private readonly Random random = simulation.Random;
        private readonly FakeLeases leases = new();
        private readonly Dictionary<DueEntry, HashSet<string>> expected = [];
        private readonly Dictionary<DueEntry, string> texts = [];
        private readonly HashSet<(DueEntry Entry, string Mailbox)> reported = [];
        private CrashableDisk disk = new();

        public async Task<int> RunAsync()
        {
            for (var i = 0; i < 12; i++)
                AddMessage();
            var crashes = 0;
            while (true)
            {
                simulation.Time.Advance(TimeSpan.FromMinutes(1));
                var isLast = crashes >= 3;
                disk.ChangesLeft = isLast ? int.MaxValue : random.Next(1, 150);
                var agent = new MaildirAgent(disk, simulation.Time, new MaildirOptions { HostName = "mx.example.org" });

                // The outcomes of some were lost with the crash, though the files are there: all are tried again.
                foreach (var chunk in expected.Keys.OrderBy(_ => random.Next()).Chunk(random.Next(1, 13)))
                    await Task.WhenAll(chunk.Select(entry => DeliverAsync(agent, entry)));
                if (isLast)
                    break;
                disk = disk.Crash(random);
                crashes++;
                Check();
            }
            Check();
            Assert.Equal(expected.Sum(one => one.Value.Count), disk.Files().Count(file => !file.Path.Contains("/tmp/", StringComparison.Ordinal)));
            return crashes;
        }

        private void AddMessage()
        {
            string[] users = ["ann", "bob", "cid"];
            var recipients = users.Where(_ => random.Next(2) == 0).DefaultIfEmpty("ann").Select(user => user + "@example.org").ToArray();
            var text = new string((char)('a' + random.Next(26)), random.Next(random.Next(8) == 0 ? 150_000 : 200));
            var entry = leases.Add(Target.Key, recipients, Encoding.ASCII.GetBytes(text + "\r\n"), simulation.Time.GetUtcNow());
            expected.Add(entry, [.. recipients.Select(recipient => recipient[..3])]);
            texts.Add(entry, $"Return-Path: <sender@example.com>\n{text}\n");
        }

        private async Task DeliverAsync(MaildirAgent agent, DueEntry entry)
        {
            var attempt = new DeliveryAttempt(entry, leases.Envelope(entry), Target, leases);
            await agent.DeliverAsync(attempt, CancellationToken.None);
            foreach (var outcome in attempt.Outcomes)
            {
                if (outcome.Status.Result == DeliveryResult.Delivered)
                    reported.Add((entry, attempt.Recipient(outcome.Recipient).Mailbox.LocalPart));
            }
            ReadSome();
        }

        // A mail reader that is well-behaved syncs what it moves.
        private void ReadSome()
        {
            foreach (var (path, _) in disk.Files().Where(file => file.Path.Contains("/new/", StringComparison.Ordinal) && random.Next(5) == 0).ToList())
            {
                if (disk.ChangesLeft < 5)
                    return;
                disk.Rename(path, path.Replace("/new/", "/cur/", StringComparison.Ordinal) + ":2,S");
                disk.SyncDirectory(Path.GetDirectoryName(path.Replace("/new/", "/cur/", StringComparison.Ordinal))!);
                disk.SyncDirectory(Path.GetDirectoryName(path)!);
            }
        }

        private void Check()
        {
            var found = new HashSet<(DueEntry, string)>();
            foreach (var (path, content) in disk.Files())
            {
                if (path.Contains("/tmp/", StringComparison.Ordinal))
                    continue;
                var entry = expected.Keys.Single(one => path.Contains(one.Id.ToString(), StringComparison.Ordinal));
                Assert.Equal(texts[entry], Encoding.ASCII.GetString(content));
                Assert.True(found.Add((entry, path.Split('/')[3])), $"{path} is there twice. Seed {simulation.Seed}.");
            }
            Assert.True(found.IsSupersetOf(reported), $"A delivered message is gone. Seed {simulation.Seed}.");
        }
    }
}
