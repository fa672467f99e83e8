using System.Diagnostics;
using System.Globalization;

namespace Postrider.Tests;

/// <summary>
/// Runs with random input. A campaign: POSTRIDER_FUZZ=1000000 runs each of them that often, and holds them to
/// a memory that does not grow and to runs that end soon (CONTRIBUTING.md has the command).
/// </summary>
internal static class Fuzzing
{
    /// <summary>How often a run is repeated unless a campaign says otherwise.</summary>
    public const int DefaultRounds = 20_000;

    // Tables that fill, such as those of the runtime, are full by then.
    private const int Settled = 10;
    private const long Growth = 16 << 20;

    // A run takes microseconds; a machine that is loaded holds it up for less than this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static int Rounds { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("POSTRIDER_FUZZ"), CultureInfo.InvariantCulture, out var number) ? number : DefaultRounds;

    /// <summary>Repeats a run, each time with the random numbers of another seed, and names the seed of the one that fails.</summary>
    public static void Repeat(Action<Random> run, int times = 1)
    {
        var began = Stopwatch.GetTimestamp();
        var total = Rounds * times;
        var before = 0L;
        for (var seed = 0; seed < total; seed++)
        {
            if (seed == total / Settled && Rounds > DefaultRounds)
                before = GC.GetTotalMemory(forceFullCollection: true);
            var start = Stopwatch.GetTimestamp();
            try
            {
                run(new Random(seed));
            }
            catch (Exception problem)
            {
                throw new InvalidOperationException($"Seed {seed}: {problem.Message}", problem);
            }
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new InvalidOperationException($"Seed {seed} took {Stopwatch.GetElapsedTime(start)}.");
        }

        if (Rounds <= DefaultRounds)
            return;
        var after = GC.GetTotalMemory(forceFullCollection: true);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{total} inputs in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s; memory {before >> 10} KB after the first tenth, {after >> 10} KB at the end");
        if (after - before > Growth)
            throw new InvalidOperationException($"Memory grew from {before} to {after} octets.");
    }
}
