using System.Text;
using Postrider.Hosting.Relaying;
using Postrider.Smtp.Client;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Sasl;
using Postrider.Transport.Dialing;

namespace Postrider.Tests.Transport.Dialing;

/// <summary>A server makes a client derive keys; no session's thread does that.</summary>
public sealed class HeavyWorkTests
{
    [Fact]
    public void Keys_are_derived_where_the_owner_says()
    {
        var work = new HeldWork();
        var fixture = new DialingFixture(1) { Work = work };
        fixture.Settings = new ClientSettings
        {
            HelloName = "client.example",
            Extensions = [new AuthClientExtension(new PasswordCredential("user", "pencil"), "mx.example", 25, isLoopback: true, static nonce => nonce.Clear())],
        };
        fixture.Simulation.Run(async () =>
        {
            var opening = fixture.OpenAsync().AsTask();
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "AUTH SCRAM-SHA-256");
            var first = Encoding.UTF8.GetString(Convert.FromBase64String((await peer.HearAsync())!["AUTH SCRAM-SHA-256 ".Length..]));
            await peer.SayAsync($"334 {Convert.ToBase64String(Encoding.UTF8.GetBytes($"r={first.Split("r=")[1]}xyz,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"))}");
            await Task.Delay(TimeSpan.FromMinutes(1), fixture.Simulation.Time);
            Assert.Equal(1, work.Waiting);
            work.Do();
            Assert.StartsWith("c=biws,", Encoding.UTF8.GetString(Convert.FromBase64String((await peer.HearAsync())!)), StringComparison.Ordinal);
            await peer.SayAsync("535 5.7.8 No");
            Assert.Equal("QUIT", await peer.HearAsync());
            await peer.SayAsync("221 2.0.0 Bye");
            await using var connection = await opening;
            Assert.Equal(EndingKind.NotAuthenticated, connection.Ending!.Kind);
        });
    }

    [Fact]
    public async Task As_many_at_a_time_as_there_are_workers()
    {
        using var workers = new KeyWorkers(2);
        using var free = new SemaphoreSlim(0);
        var (inside, most) = (0, 0);
        var all = Enumerable.Range(0, 6).Select(_ => workers.RunAsync(() =>
        {
            most = Math.Max(most, Interlocked.Increment(ref inside));
            free.Wait(TimeSpan.FromSeconds(30));
            Interlocked.Decrement(ref inside);
        }).AsTask()).ToList();
        Assert.DoesNotContain(all, static done => done.IsCompleted);
        free.Release(6);
        await Task.WhenAll(all);
        Assert.InRange(most, 1, 2);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await workers.RunAsync(static () => throw new InvalidOperationException()));
        await workers.RunAsync(static () => { });
    }

    private sealed class HeldWork : IHeavyWork
    {
        private readonly Queue<(Action Work, TaskCompletionSource Done)> waiting = new();

        public int Waiting => waiting.Count;

        public ValueTask RunAsync(Action work)
        {
            var done = new TaskCompletionSource();
            waiting.Enqueue((work, done));
            return new(done.Task);
        }

        public void Do()
        {
            var (work, done) = waiting.Dequeue();
            work();
            done.SetResult();
        }
    }
}
