using System.Text;
using Postrider.Delivery;
using Postrider.Delivery.Local;
using Postrider.Delivery.Routing;
using Postrider.Queue.Disk;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Addresses;
using Postrider.Testing.Simulations;

namespace Postrider.Tests.Delivery.Local;

public sealed class MaildirAgentTests
{
    private static readonly MaildirTarget Target = new("/mail", new Mailbox("Admin", "example.org"));
    private static readonly DateTimeOffset Arrived = new(2026, 1, 1, 0, 0, 10, TimeSpan.Zero);

    [Fact]
    public void A_message_is_durable_in_new_with_its_return_path() => Run(async bench =>
    {
        var outcome = Assert.Single(await bench.DeliverAsync(["Bob@Example.org"], "Subject: x\r\n\r\ntext\r\n"));
        Assert.Equal((0, DeliveryResult.Delivered, "2.0.0"), (outcome.Recipient, outcome.Status.Result, outcome.Status.Enhanced.ToString()));
        var (path, content) = Assert.Single(bench.Disk.Files());
        Assert.Equal("/mail/example.org/bob/new/1767225610.0000000000001.mx_1.example.org", path);
        Assert.Equal("Return-Path: <sender@example.com>\nSubject: x\n\ntext\n", Encoding.ASCII.GetString(content));
        for (var seed = 0; seed < 20; seed++)
            Assert.Equal(content, Assert.Single(bench.Disk.Crash(new Random(seed)).Files()).Content);
    });

    [Fact]
    public void Lines_can_be_left_as_they_came() => Run(async bench =>
    {
        await bench.DeliverAsync(["bob@example.org"], "a\r\n", sender: "");
        Assert.Equal("Return-Path: <>\r\na\r\n", Encoding.ASCII.GetString(Assert.Single(bench.Disk.Files()).Content));
    }, options => options with { LineEnding = MailboxLineEnding.CrLf });

    [Fact]
    public void A_long_message_arrives_whole_however_it_is_cut() => Run(async bench =>
    {
        var text = new StringBuilder();
        while (text.Length < 200_000)
            text.Append('x', text.Length % 97).Append("\r\n");
        // A CR just before the end of the first 64 KB, and of what is read behind it.
        for (var shift = 0; shift < 4; shift++)
        {
            await bench.DeliverAsync(["bob@example.org"], new string('y', shift) + text);
            var content = bench.Disk.Files().Last().Content;
            Assert.Equal(new string('y', shift) + text.ToString().ReplaceLineEndings("\n"), Encoding.ASCII.GetString(content.AsSpan(content.IndexOf((byte)'\n') + 1)));
        }
    });

    [Fact]
    public void Recipients_that_are_one_mailbox_get_one_file() => Run(async bench =>
    {
        var outcomes = await bench.DeliverAsync(["bob@example.org", "BOB@EXAMPLE.ORG", "ann@example.org", "postmaster", "admin@example.org"], "a\r\n");
        Assert.Equal([0, 1, 2, 3, 4], outcomes.Select(outcome => outcome.Recipient).Order());
        Assert.All(outcomes, outcome => Assert.Equal(DeliveryResult.Delivered, outcome.Status.Result));
        Assert.Equal("admin ann bob", string.Join(' ', bench.Disk.Files().Select(file => file.Path.Split('/')[3]).Order(StringComparer.Ordinal)));
    });

    [Fact]
    public void Many_recipients_are_served_a_few_files_at_a_time() => Run(async bench =>
    {
        var outcomes = await bench.DeliverAsync([.. Enumerable.Range(0, 100).Select(i => $"user{i}@example.org")], "a\r\n");
        Assert.Equal(100, outcomes.Count);
        Assert.Equal(100, bench.Disk.Files().Count());
        Assert.True(bench.Disk.MostOpen <= 16);
    });

    [Fact]
    public void What_is_under_way_together_is_synced_together() => Run(async bench =>
    {
        await bench.DeliverAsync(["bob@example.org"], "a\r\n");
        var before = bench.Disk.DirectorySyncs;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => bench.DeliverAsync(["bob@example.org"], "a\r\n")));
        Assert.Equal(101, bench.Disk.Files().Count());
        Assert.InRange(bench.Disk.DirectorySyncs - before, 1, 30);
        Assert.Equal(0, bench.Disk.Lists);
    });

    [Theory]
    [InlineData("create", 28, "4.3.1", "take a message")]
    [InlineData("write", 28, "4.3.1", "take a message")]
    [InlineData("sync", 5, "4.3.0", "be synced")]
    [InlineData("write", 122, "4.2.2", "take a message")]
    [InlineData("mkdir", 13, "4.3.0", "be created")]
    [InlineData("rename", 5, "4.3.0", "take a message")]
    [InlineData("syncdir", 5, "4.3.0", "have its folder synced")]
    public void A_disk_that_fails_defers_with_what_it_said_and_leaves_nothing_behind(string call, int number, string code, string text) => Run(async bench =>
    {
        bench.Disk.Fault = (done, _) => done == call ? new DiskError(number, IsNoSpace: number is 28 or 122) : default;
        var status = Assert.Single(await bench.DeliverAsync(["bob@example.org"], "a\r\n")).Status;
        Assert.Equal((DeliveryResult.Deferred, code), (status.Result, status.Enhanced.ToString()));
        Assert.StartsWith($"The mailbox example.org/bob cannot {text}: ", status.Text, StringComparison.Ordinal);
        Assert.EndsWith($"({number})", status.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Disk.Files(), file => file.Path.Contains("/tmp/", StringComparison.Ordinal));

        bench.Disk.Fault = null;
        Assert.Equal(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(bench.Last)).Status.Result);
        Assert.Single(bench.Disk.Files());
    });

    [Fact]
    public void One_mailbox_that_fails_leaves_the_others_alone() => Run(async bench =>
    {
        bench.Disk.Fault = (_, path) => path.Contains("/bob", StringComparison.Ordinal) ? new DiskError(13) : default;
        var outcomes = await bench.DeliverAsync(["ann@example.org", "bob@example.org", "cid@example.org"], "a\r\n");
        Assert.Equal(
            [DeliveryResult.Delivered, DeliveryResult.Deferred, DeliveryResult.Delivered],
            outcomes.OrderBy(outcome => outcome.Recipient).Select(outcome => outcome.Status.Result));
    });

    [Fact]
    public void A_message_of_an_earlier_run_is_not_delivered_twice_wherever_a_reader_put_it() => Run(async bench =>
    {
        await bench.DeliverAsync(["bob@example.org"], "a\r\n", Arrived);
        var (path, content) = Assert.Single(bench.Disk.Files());
        bench.Restart();
        await bench.DeliverAsync(bench.Last);
        Assert.Equal(path, Assert.Single(bench.Disk.Files()).Path);

        var read = path.Replace("/new/", "/cur/", StringComparison.Ordinal) + ":2,RS";
        bench.Disk.Rename(path, read);
        bench.Restart();
        Assert.Equal(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(bench.Last)).Status.Result);
        Assert.Equal(read, Assert.Single(bench.Disk.Files()).Path);
        Assert.Equal(content, Assert.Single(bench.Disk.Files()).Content);
        Assert.Equal(4, bench.Disk.Lists);

        // Further mail of that run needs no list; mail of this run none at all.
        await bench.DeliverAsync(["bob@example.org"], "b\r\n", Arrived);
        await bench.DeliverAsync(["ann@example.org"], "b\r\n", Arrived + TimeSpan.FromDays(1));
        Assert.Equal(4, bench.Disk.Lists);
        Assert.Equal(3, bench.Disk.Files().Count());
    });

    [Fact]
    public void A_file_whose_folder_could_not_be_synced_is_looked_for_before_it_is_put_there_again() => Run(async bench =>
    {
        bench.Disk.Fault = (call, _) => call == "syncdir" ? new DiskError(5) : default;
        Assert.Equal(DeliveryResult.Deferred, Assert.Single(await bench.DeliverAsync(["bob@example.org"], "a\r\n")).Status.Result);
        var path = Assert.Single(bench.Disk.Files()).Path;
        bench.Disk.Fault = null;
        var read = path.Replace("/new/", "/cur/", StringComparison.Ordinal) + ":2,S";
        bench.Disk.Rename(path, read);
        Assert.Equal(DeliveryResult.Delivered, Assert.Single(await bench.DeliverAsync(bench.Last)).Status.Result);
        Assert.Equal(read, Assert.Single(bench.Disk.Files()).Path);
    });

    [Fact]
    public void What_a_crash_left_in_tmp_is_written_anew() => Run(async bench =>
    {
        bench.Disk.ChangesLeft = 8;
        await bench.DeliverAsync(["bob@example.org"], "a\r\n");
        Assert.Contains("/tmp/", Assert.Single(bench.Disk.Files()).Path, StringComparison.Ordinal);
        bench.Disk.ChangesLeft = int.MaxValue;
        bench.Restart();
        await bench.DeliverAsync(bench.Last);
        Assert.Contains("/new/", Assert.Single(bench.Disk.Files()).Path, StringComparison.Ordinal);
    });

    [Fact]
    public void The_oldest_go_when_there_are_too_many() => Run(async bench =>
    {
        for (var i = 0; i < 4; i++)
            await bench.DeliverAsync([$"user{i % 2}@example.org"], $"{i}\r\n", Arrived + TimeSpan.FromSeconds(i));
        Assert.Equal(["1", "2", "3"], await bench.TextsAsync());

        // A restart counts what is there, read or not; strangers are neither counted nor removed.
        var first = bench.Disk.Files().First(file => file.Path.Contains("user1", StringComparison.Ordinal)).Path;
        bench.Disk.Rename(first, first.Replace("/new/", "/cur/", StringComparison.Ordinal) + ":2,S");
        bench.Disk.Open("/mail/example.org/user1/cur/stranger", FileUse.CreateNew, out _);
        bench.Restart();
        await bench.DeliverAsync(["user5@example.org"], "5\r\n", Arrived + TimeSpan.FromSeconds(5));
        Assert.Equal(["", "2", "3", "5"], await bench.TextsAsync());

        // What a reader has deleted meanwhile is no trouble.
        bench.Disk.Delete(bench.Disk.Files().First(file => file.Path.Contains("user0", StringComparison.Ordinal)).Path);
        await bench.DeliverAsync(["user6@example.org"], "6\r\n", Arrived + TimeSpan.FromSeconds(6));
        await bench.DeliverAsync(["user7@example.org"], "7\r\n", Arrived + TimeSpan.FromSeconds(7));
        Assert.Equal(["", "5", "6", "7"], await bench.TextsAsync());
    }, options => options with { Bound = new MaildirBound(3, 1_000_000) });

    [Fact]
    public void The_oldest_go_when_they_are_too_long_together_but_never_the_newest() => Run(async bench =>
    {
        for (var i = 0; i < 5; i++)
            await bench.DeliverAsync(["bob@example.org"], $"{i}\r\n", Arrived + TimeSpan.FromSeconds(i));
        Assert.Equal(["3", "4"], await bench.TextsAsync());
        await bench.DeliverAsync(["bob@example.org"], new string('x', 500) + "\r\n", Arrived + TimeSpan.FromSeconds(9));
        Assert.Equal([new string('x', 500)], await bench.TextsAsync());
    }, options => options with { Bound = new MaildirBound(100, 80) });

    [Fact]
    public void Giving_up_leaves_nothing_behind() => Run(async bench =>
    {
        using var cancellation = new CancellationTokenSource();
        var delivery = bench.DeliverAsync([.. Enumerable.Range(0, 40).Select(i => $"user{i}@example.org")], "a\r\n", cancellationToken: cancellation.Token);
        while (!bench.Disk.Files().Any(file => file.Path.Contains("/new/", StringComparison.Ordinal)))
            await Task.Yield();
        cancellation.Cancel();
        await Assert.ThrowsAsync<OperationCanceledException>(() => delivery);
        Assert.DoesNotContain(bench.Disk.Files(), file => file.Path.Contains("/tmp/", StringComparison.Ordinal));
        Assert.InRange(bench.Disk.Files().Count(), 16, 32);
    });

    private static void Run(Func<Bench, Task> body, Func<MaildirOptions, MaildirOptions>? options = null)
    {
        for (var seed = 1; seed <= 5; seed++)
        {
            var simulation = new Simulation(seed);
            simulation.Run(() => body(new Bench(simulation.Time, options)));
        }
    }

    private sealed class Bench
    {
        private readonly TimeProvider time;
        private readonly MaildirOptions options = new() { HostName = "MX:1.example.org" };
        private readonly FakeLeases leases = new();
        private MaildirAgent agent;

        public Bench(TimeProvider time, Func<MaildirOptions, MaildirOptions>? change)
        {
            this.time = time;
            options = change?.Invoke(options) ?? options;
            agent = new MaildirAgent(Disk, time, options);
        }

        public CrashableDisk Disk { get; } = new();

        public DueEntry Last { get; private set; }

        public void Restart()
        {
            ((Postrider.Testing.Timing.ManualTime)time).Advance(TimeSpan.FromMinutes(1));
            agent = new MaildirAgent(Disk, time, options);
        }

        public Task<IReadOnlyList<RecipientOutcome>> DeliverAsync(
            string[] recipients, string text, DateTimeOffset? arrived = null, string sender = "sender@example.com", CancellationToken cancellationToken = default)
        {
            Last = leases.Add(Target.Key, recipients, Encoding.ASCII.GetBytes(text), arrived ?? Arrived, sender: sender);
            return DeliverAsync(Last, cancellationToken);
        }

        public async Task<IReadOnlyList<RecipientOutcome>> DeliverAsync(DueEntry entry, CancellationToken cancellationToken = default)
        {
            var attempt = new DeliveryAttempt(entry, leases.Envelope(entry), Target, leases);
            await agent.DeliverAsync(attempt, cancellationToken);
            return attempt.Outcomes;
        }

        /// <summary>What stands behind the Return-Path of each file, in order.</summary>
        public async Task<string[]> TextsAsync()
        {
            // The bound is kept behind the delivery.
            for (var i = 0; i < 100; i++)
                await Task.Yield();
            return [.. Disk.Files().Select(file => Encoding.ASCII.GetString(file.Content).Split('\n') is [_, var text, ..] ? text : "").Order(StringComparer.Ordinal)];
        }
    }
}
