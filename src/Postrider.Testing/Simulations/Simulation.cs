using System.Runtime.ExceptionServices;
using Postrider.Testing.Timing;

namespace Postrider.Testing.Simulations;

/// <summary>
/// Runs asynchronous code on one thread, in an order that a seed determines, on a clock that moves to
/// the next timer when nothing else can run. The same seed gives the same run, as long as the code
/// awaits on the scheduler (no ConfigureAwait(false), no Task.Run), takes its time from
/// <see cref="Time"/> and its chance from <see cref="Random"/>.
/// </summary>
public sealed class Simulation
{
    private readonly Random order;
    private readonly List<(SendOrPostCallback Callback, object? State)> runnable = [];
    private readonly Lock gate = new();
    private int owner;
    private string? strayed;

    /// <summary>A simulation of a seed.</summary>
    /// <param name="seed">Determines order and chance.</param>
    public Simulation(int seed)
    {
        Seed = seed;
        order = new Random(seed);
        Random = new Random(unchecked(seed * 31) + 17);
    }

    /// <summary>What determines the run; every failure names it.</summary>
    public int Seed { get; }

    /// <summary>The clock of the run.</summary>
    public ManualTime Time { get; } = new();

    /// <summary>Chance for the code of the run, of the same seed. Not for use from other threads.</summary>
    public Random Random { get; }

    /// <summary>How far the clock may move before the run is given up; 30 days at first.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How many pieces of work may run before the run is given up; 10,000,000 at first.</summary>
    public long StepLimit { get; init; } = 10_000_000;

    /// <summary>Pieces of work that have run.</summary>
    public long Steps { get; private set; }

    /// <summary>Runs a body to its end, and then whatever of its work can run without the clock moving.</summary>
    /// <param name="body">The code to run.</param>
    /// <exception cref="SimulationException">
    /// Nothing can run and no timer is set, a limit is reached, or work came in from another thread.
    /// What the body throws comes out as it is.
    /// </exception>
    public void Run(Func<Task> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var outer = SynchronizationContext.Current;
        owner = Environment.CurrentManagedThreadId;
        SynchronizationContext.SetSynchronizationContext(new Context(this));
        try
        {
            var task = body();
            while (!task.IsCompleted)
            {
                if (!RunOne() && !task.IsCompleted)
                    MoveOn();
            }
            while (task.IsCompletedSuccessfully && RunOne())
            {
            }
            if (task.IsFaulted)
                ExceptionDispatchInfo.Throw(task.Exception!.InnerException!);
            task.GetAwaiter().GetResult();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Runs a body to its end and gives its result; see <see cref="Run(Func{Task})"/>.</summary>
    /// <param name="body">The code to run.</param>
    public T Run<T>(Func<Task<T>> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        T result = default!;
        Run(async () => { result = await body(); });
        return result;
    }

    private bool RunOne()
    {
        (SendOrPostCallback Callback, object? State) work;
        lock (gate)
        {
            if (strayed is not null)
                throw Failure(strayed);
            if (runnable.Count == 0)
                return false;
            var chosen = order.Next(runnable.Count);
            work = runnable[chosen];
            runnable[chosen] = runnable[^1];
            runnable.RemoveAt(runnable.Count - 1);
        }
        if (++Steps > StepLimit)
            throw Failure($"More than {StepLimit} pieces of work have run");
        work.Callback(work.State);
        return true;
    }

    private void MoveOn()
    {
        if (Time.NextDue is not { } due)
            throw Failure("Deadlock: nothing can run and no timer is set, yet the body has not ended");
        if (due > TimeLimit)
            throw Failure($"The clock would pass the limit of {TimeLimit}");
        Time.AdvanceToNext();
    }

    private void Post(SendOrPostCallback callback, object? state)
    {
        lock (gate)
        {
            if (Environment.CurrentManagedThreadId != owner)
            {
                strayed ??= $"Work came in from another thread ({callback.Method.DeclaringType}.{callback.Method.Name}): "
                    + "something awaits off the scheduler, and a seed cannot reproduce the run";
            }
            runnable.Add((callback, state));
        }
    }

    private SimulationException Failure(string what) =>
        new($"{what}. Seed {Seed}, {Steps} steps, clock at {Time.Elapsed}.");

    private sealed class Context(Simulation simulation) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => simulation.Post(d, state);

        public override void Send(SendOrPostCallback d, object? state) => d(state);

        public override SynchronizationContext CreateCopy() => this;
    }
}
