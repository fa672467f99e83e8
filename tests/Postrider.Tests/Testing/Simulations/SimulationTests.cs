using Postrider.Testing.Simulations;

namespace Postrider.Tests.Testing.Simulations;

public sealed class SimulationTests
{
    [Fact]
    public void A_seed_reproduces_the_order()
    {
        Assert.Equal(OrderOf(7), OrderOf(7));
        Assert.True(Enumerable.Range(0, 20).Select(OrderOf).Distinct(StringComparer.Ordinal).Count() > 10, "Seeds make no difference to the order.");
    }

    [Fact]
    public void Days_pass_only_when_nothing_can_run()
    {
        var simulation = new Simulation(1);
        var elapsed = simulation.Run(async () =>
        {
            await Task.WhenAll(Task.Delay(TimeSpan.FromDays(5), simulation.Time), Task.Delay(TimeSpan.FromDays(3), simulation.Time));
            return simulation.Time.Elapsed;
        });
        Assert.Equal(TimeSpan.FromDays(5), elapsed);
    }

    [Fact]
    public void A_deadlock_is_named_with_its_seed()
    {
        var never = new TaskCompletionSource();
        var thrown = Assert.Throws<SimulationException>(() => new Simulation(42).Run(() => never.Task));
        Assert.Contains("Deadlock", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("Seed 42", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_clock_has_a_limit()
    {
        var simulation = new Simulation(1) { TimeLimit = TimeSpan.FromHours(1) };
        var thrown = Assert.Throws<SimulationException>(() => simulation.Run(() => Task.Delay(TimeSpan.FromHours(2), simulation.Time)));
        Assert.Contains("limit", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_livelock_runs_into_the_limit_of_steps()
    {
        var simulation = new Simulation(1) { StepLimit = 1000 };
        var thrown = Assert.Throws<SimulationException>(() => simulation.Run(async () =>
        {
            while (true)
                await Task.Yield();
        }));
        Assert.Contains("1000", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_body_throws_comes_out_as_it_is() =>
        Assert.Throws<TimeZoneNotFoundException>(() => new Simulation(1).Run(async () =>
        {
            await Task.Yield();
            throw new TimeZoneNotFoundException();
        }));

    [Fact]
    public void Work_from_another_thread_is_found_out()
    {
        var simulation = new Simulation(1);
        var thrown = Assert.Throws<SimulationException>(() => simulation.Run(async () =>
        {
            var stray = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var posted = new ManualResetEventSlim();
            var waiting = Await(stray.Task);
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    stray.SetResult();
                    posted.Set();
                },
                null);
            posted.Wait();
            await waiting;
        }));
        Assert.Contains("another thread", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_runnable_runs_before_the_end()
    {
        var done = false;
        new Simulation(3).Run(() =>
        {
            _ = Later();
            return Task.CompletedTask;
        });
        Assert.True(done);

        async Task Later()
        {
            await Task.Yield();
            done = true;
        }
    }

    private static async Task Await(Task task) => await task;

    private static string OrderOf(int seed)
    {
        var order = new List<int>();
        new Simulation(seed).Run(() => Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            await Task.Yield();
            order.Add(i);
        })));
        return string.Join(',', order);
    }
}
