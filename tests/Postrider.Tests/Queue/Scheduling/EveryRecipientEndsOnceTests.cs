using System.Globalization;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;
using Postrider.Testing.Simulations;

namespace Postrider.Tests.Queue.Scheduling;

/// <summary>
/// The first promise, with everything going wrong: random outcomes, splits, reroutes, crashes, full
/// disks and operators; each accepted recipient ends exactly once, and each failure is reported.
/// </summary>
public sealed class EveryRecipientEndsOnceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_happens_each_recipient_ends_once(int group)
    {
        for (var seed = group * 30; seed < (group + 1) * 30; seed++)
        {
            try
            {
                QueueRig.Run(simulation => new World(simulation).RunAsync(), seed);
            }
            catch (Exception e) when (e is not SimulationException)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}", e);
            }
        }
    }

    private sealed class World(Simulation simulation)
    {
        private readonly Random random = simulation.Random;
        private readonly Ledger ledger = new();
        private readonly List<string> reports = [];
        private readonly HashSet<string> beingTried = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> servedIn = new(StringComparer.Ordinal);
        private readonly List<string> violations = [];
        private readonly List<SpoolId> ids = [];
        private int process;
        private int messages;
        private int expanded;
        private bool isLast;
        private bool isDiskBad;

        public async Task RunAsync()
        {
            var spool = new MemorySpool();
            var processes = random.Next(1, 5);
            for (process = 0; process < processes; process++)
            {
                await LiveAsync(spool);
                spool = spool.Reopen();
                beingTried.Clear();
            }
            isLast = true;
            isDiskBad = false;
            await FinishAsync(spool);

            Assert.Empty(violations);
            Assert.Empty(ledger.Open);
            Assert.Equal(string.Join(' ', ledger.Accepted.Order(StringComparer.Ordinal)), string.Join(' ', ledger.Closed.Order(StringComparer.Ordinal)));
            foreach (var address in ledger.Accepted)
            {
                var end = Assert.Single(ledger.Ends[address]);
                if (end == nameof(DeliveryResult.Failed) && !address.StartsWith("null", StringComparison.Ordinal))
                    Assert.Single(reports, report => report.Contains($"Final-Recipient: rfc822; {address}\r\n", StringComparison.Ordinal));
                if (end is nameof(DeliveryResult.Delivered) or nameof(DeliveryResult.Relayed))
                    Assert.True(servedIn.ContainsKey(address));
            }
        }

        // One life of the process, which ends without warning.
        private async Task LiveAsync(MemorySpool spool)
        {
            await using var rig = MakeRig(spool);
            await rig.StartAsync();
            for (var i = random.Next(5, 40); i > 0; i--)
            {
                await rig.PassAsync(TimeSpan.FromSeconds(Math.Pow(10, (random.NextDouble() * 6) - 2)));
                isDiskBad = random.Next(6) == 0;
                switch (random.Next(11))
                {
                    case 10:
                        await FetchAsync(rig);
                        break;
                    case < 5:
                        await AcceptAsync(rig);
                        break;
                    case < 9 when ids.Count > 0:
                        await CommandAsync(rig, ids[random.Next(2) == 0 ? random.Next(ids.Count) : ids.Count - 1 - random.Next(Math.Min(3, ids.Count))]);
                        break;
                    default:
                        await rig.Queue.RetryAllAsync(random.Next(2) == 0 ? null : "hop1");
                        break;
                }
            }
        }

        private async Task FinishAsync(MemorySpool spool)
        {
            await using var rig = MakeRig(spool);
            await rig.StartAsync();
            await rig.PassAsync(TimeSpan.FromSeconds(10));
            for (var rounds = 0; rig.Queue.Counts.Entries > 0; rounds++)
            {
                Assert.InRange(rounds, 0, 100);
                var page = await rig.Queue.ListAsync(new QueueFilter { State = QueuedState.Held }, 1000);
                foreach (var held in page.Entries)
                    await rig.Queue.ReleaseAsync(held.Position.Id);
                await rig.PassAsync(TimeSpan.FromHours(10));
            }
            Assert.True(await rig.Queue.StopAsync(TimeSpan.FromSeconds(5)));
        }

        private QueueRig MakeRig(MemorySpool spool)
        {
            var watched = new LedgerSpool(spool, ledger, () => isDiskBad ? SpoolFault.NoSpace : SpoolFault.None, LatencyAsync) { Reports = reports };
            var rig = new QueueRig(simulation, watched, options => options with { MaximumLeases = random.Next(2, 50), MaximumUnsynced = random.Next(1, 20) }) { OnEvent = Note };
            rig.OnDispatch = entry => TryAsync(rig, entry, process);
            rig.Wishes = Wish;
            return rig;
        }

        // A report of a delay would count as one of a failure: only who gets no report is told of delays.
        private Envelope Wish(Envelope envelope) => envelope with
        {
            Release = random.Next(6) == 0 ? new FutureRelease { After = TimeSpan.FromHours(random.Next(1, 20)) } : null,
            DeliverBy = random.Next(3) == 0 ? new DeliverBy(TimeSpan.FromMinutes(random.Next(1, 600)), IsReturned: !envelope.ReversePath.IsNull, IsTraced: random.Next(2) == 0) : null,
            Priority = random.Next(3) == 0 ? (sbyte)random.Next(-9, 10) : null,
        };

        private void Note(QueueEvent happened)
        {
            ledger.Note(happened);
            if (happened is QueueTrouble { Cause: not null and not ObjectDisposedException } trouble)
                violations.Add($"{trouble.What}: {trouble.Cause}");
        }

        private Task LatencyAsync() => random.Next(3) == 0 ? Task.Delay(TimeSpan.FromMilliseconds(random.Next(30)), simulation.Time) : Task.CompletedTask;

        private async Task AcceptAsync(QueueRig rig)
        {
            var message = messages++;
            var kind = random.Next(5) == 0 ? "null" : "r";
            var recipients = Enumerable.Range(0, random.Next(1, 5)).Select(i => string.Create(CultureInfo.InvariantCulture, $"{kind}{message}x{i}@there")).ToArray();
            ids.Add(await rig.AcceptAsync(kind == "null" ? null : $"s{message}@sender", $"hop{random.Next(3)}", recipients));
        }

        // A peer takes the mail of some next hops, and hands back what it does not come to.
        private async Task FetchAsync(QueueRig rig)
        {
            var run = rig.Queue.Lease(new HashSet<string>(["hop0", "hop1"], StringComparer.Ordinal));
            for (var batches = random.Next(1, 5); batches > 0; batches--)
            {
                foreach (var entry in await run.TakeAsync(random.Next(1, 6)))
                    _ = TryAsync(rig, entry, process);
            }
        }

        private async Task CommandAsync(QueueRig rig, SpoolId id)
        {
            switch (random.Next(6))
            {
                case 0:
                    await rig.Queue.HoldAsync(id, "held");
                    break;
                case 1 or 2:
                    await rig.Queue.ReleaseAsync(id);
                    break;
                case 3:
                    await rig.Queue.HoldAsync(id, "held");
                    await rig.Queue.ReleaseAsync(id);
                    break;
                case 4 when random.Next(2) == 0:
                    await rig.Queue.DeleteAsync(id, random.Next(2) == 0 ? null : "deleted");
                    break;
                default:
                    await rig.Queue.RetryAsync(id);
                    break;
            }
        }

        private async Task TryAsync(QueueRig rig, DueEntry entry, int inProcess)
        {
            try
            {
                await DelayAsync();
                if (!isLast && random.Next(8) == 0)
                {
                    rig.Leases.NotTried(entry, simulation.Time.GetUtcNow() + TimeSpan.FromSeconds(random.Next(100)), "full");
                    return;
                }
                if (!isLast && random.Next(6) == 0)
                {
                    await rig.Leases.AwaitFetchAsync(entry, QueueRig.Deferred);
                    return;
                }
                if (await rig.Leases.BeginAsync(entry) is not { } envelope)
                    return;
                if (inProcess != process)
                    return;
                ids.Add(entry.Id);
                var open = envelope.State.Open.Select(o => (o.Index, Address: envelope.Envelope.Recipients[o.Index].Mailbox.ToString())).ToList();
                foreach (var (_, address) in open.Where(o => o.Address.EndsWith("@there", StringComparison.Ordinal)))
                {
                    if (!beingTried.Add(address))
                        violations.Add($"{address} is tried twice at once");
                }
                await DelayAsync();
                if (inProcess != process)
                    return;
                foreach (var (_, address) in open)
                    beingTried.Remove(address);
                await EndAsync(rig, entry, envelope, open, inProcess);
            }
            catch (ObjectDisposedException) when (inProcess != process || isLast)
            {
                // Its process has been killed.
            }
        }

        private async Task EndAsync(QueueRig rig, DueEntry entry, StoredEnvelope envelope, List<(int Index, string Address)> open, int inProcess)
        {
            switch (isLast ? 9 : random.Next(10))
            {
                case 0:
                    rig.Leases.NotTried(entry, simulation.Time.GetUtcNow() + TimeSpan.FromSeconds(random.Next(100)), "full");
                    return;
                case 1:
                    await rig.Leases.RerouteAsync(entry, [.. open.Select(_ => $"hop{random.Next(3)}")]);
                    return;
                case 2:
                    // The attempt never ends; only a new process tries again.
                    return;
            }
            var outcomes = new List<RecipientOutcome>();
            var expansions = new List<Expansion>();
            foreach (var (index, address) in open)
            {
                if (!isLast && address.EndsWith("@there", StringComparison.Ordinal) && random.Next(8) == 0)
                {
                    outcomes.Add(new RecipientOutcome(index, new DeliveryStatus(DeliveryResult.Expanded, new(2, 0, 0), "Expanded")));
                    expansions.AddRange(Members(address, envelope));
                    continue;
                }
                var status = isLast ? QueueRig.Relayed : random.Next(6) switch
                {
                    0 => QueueRig.Delivered,
                    1 => QueueRig.Relayed,
                    2 or 3 => QueueRig.Deferred,
                    4 => QueueRig.Failed,
                    _ => null,
                };
                if (status is null)
                    continue;
                outcomes.Add(new RecipientOutcome(index, status));
                if (status.Result is DeliveryResult.Delivered or DeliveryResult.Relayed && address.EndsWith("@there", StringComparison.Ordinal))
                    Serve(address, inProcess);
            }
            await rig.Leases.CompleteAsync(entry, outcomes, expansions);
        }

        // Names of their own for every try: what is not committed comes to nothing.
        private IEnumerable<Expansion> Members(string address, StoredEnvelope envelope)
        {
            for (var hops = random.Next(1, 3); hops > 0; hops--)
            {
                var members = Enumerable.Range(0, random.Next(1, 4)).Select(_ => QueueRig.Mailbox(string.Create(CultureInfo.InvariantCulture, $"{address[..address.IndexOf('@', StringComparison.Ordinal)]}m{expanded++}@there")));
                yield return new Expansion(
                    envelope.Envelope with { Recipients = [.. members.Select(static member => new EnvelopeRecipient(member) { IsFinal = true })] },
                    $"hop{random.Next(3)}",
                    envelope.Edits);
            }
        }

        // Once served, a recipient is served again only by a later process that could not know (rule 18).
        private void Serve(string address, int inProcess)
        {
            if (servedIn.TryGetValue(address, out var before) && before == inProcess)
                violations.Add($"{address} is served twice by one process");
            if (ledger.Ends.ContainsKey(address))
                violations.Add($"{address} is served after its end");
            servedIn[address] = inProcess;
        }

        private Task DelayAsync() => random.Next(2) == 0 ? Task.CompletedTask : Task.Delay(TimeSpan.FromMilliseconds(random.Next(5000)), simulation.Time);
    }
}
