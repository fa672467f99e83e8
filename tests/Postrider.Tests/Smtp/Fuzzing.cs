using System.Globalization;

namespace Postrider.Tests.Smtp;

/// <summary>Runs with random input. A campaign: POSTRIDER_FUZZ=1000000 runs each of them that often.</summary>
internal static class Fuzzing
{
    /// <summary>How often a run is repeated unless a campaign says otherwise.</summary>
    public const int DefaultRounds = 20_000;

    public static int Rounds { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("POSTRIDER_FUZZ"), CultureInfo.InvariantCulture, out var number) ? number : DefaultRounds;

    /// <summary>Repeats a run, each time with the random numbers of another seed, and names the seed of the one that fails.</summary>
    public static void Repeat(Action<Random> run, int times = 1)
    {
        for (var seed = 0; seed < Rounds * times; seed++)
        {
            try
            {
                run(new Random(seed));
            }
            catch (Exception problem)
            {
                throw new InvalidOperationException($"Seed {seed}: {problem.Message}", problem);
            }
        }
    }
}
