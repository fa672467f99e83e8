using System.Globalization;
using System.Security.Cryptography;

namespace Postrider.FunctionalTests.Campaigns;

/// <summary>
/// No accepted mail is lost by a killed process. POSTRIDER_KILL_LOOPS sets how often it is killed, and
/// POSTRIDER_SEED when; bench/kill runs the whole campaign.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int UsualLoops = 3;

    [Fact]
    public async Task What_got_250_arrives_once_and_whole_however_often_the_server_is_killed()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("The load generator is for Linux.");
        var loops = Number("POSTRIDER_KILL_LOOPS") ?? UsualLoops;
        var seed = Number("POSTRIDER_SEED") ?? RandomNumberGenerator.GetInt32(int.MaxValue);
        output.WriteLine($"{loops} kills, POSTRIDER_SEED={seed}");

        var result = await new KillCampaign(loops, seed, output.WriteLine).RunAsync();
        output.WriteLine(result.ToString());

        Assert.True(result.Accepted > 0, "The load did not reach the server.");
        Assert.Empty(result.Missing);
        Assert.Empty(result.Corrupt);
        Assert.Empty(result.Unexplained);
        Assert.Equal(0, result.Strange);
        Assert.Equal(0, result.StoredAgain);
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
