using System.Globalization;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>
/// The power cut campaign. POSTRIDER_CUTS says how many cut points, POSTRIDER_SEED where to begin; a
/// failure names its seed, and POSTRIDER_CUTS=1 with that seed runs it alone.
/// </summary>
public sealed class PowerCutTests(ITestOutputHelper output)
{
    [Fact]
    public void Nothing_acknowledged_is_lost_and_nothing_finished_comes_back()
    {
        var wanted = Setting("POSTRIDER_CUTS", 1000);
        var seed = Setting("POSTRIDER_SEED", 1);
        var cuts = 0;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (; cuts < wanted; seed++)
        {
            var run = new PowerCutRun(seed);
            run.Run();
            cuts += run.Cuts;
            seen.UnionWith(run.Seen);
        }
        if (wanted >= 1000)
            Assert.Subset(seen, new HashSet<string>(StringComparer.Ordinal) { "cold segment", "recycled segment", "snapshot", "stopped", "NoSpace", "failed SyncData", "failed Write" });
        output.WriteLine($"{cuts} cuts up to seed {seed - 1}; seen: {string.Join(", ", seen.Order(StringComparer.Ordinal))}");
    }

    [Fact]
    public void A_disk_that_lies_about_synced_data_is_caught() =>
        AssertCaught(disk => disk.LiesAboutData = true);

    [Fact]
    public void A_disk_that_lies_about_synced_names_is_caught() =>
        AssertCaught(disk => disk.LiesAboutNames = true);

    // The campaign can fail: on a disk that breaks its word it must.
    private static void AssertCaught(Action<Postrider.Conformance.Disk.CrashingDisk> breakIt) =>
        Assert.Throws<CampaignException>(() =>
        {
            for (var seed = 1; seed < 20; seed++)
                new PowerCutRun(seed, breakIt).Run();
        });

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
