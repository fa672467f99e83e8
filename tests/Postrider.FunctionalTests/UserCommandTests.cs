namespace Postrider.FunctionalTests;

/// <summary><c>postrider user</c> on a data folder that nobody serves.</summary>
public sealed class UserCommandTests
{
    [Fact]
    public async Task Accounts_are_added_changed_listed_and_removed()
    {
        using var folder = new TemporaryFolder("user");
        var data = Path.Combine(folder.Path, "data");
        Task<CommandRun> Run(string input, params string[] arguments) => CommandRun.InAsync(folder.Path, input, ["user", .. arguments, "--data", data]);

        Assert.Contains("There are no accounts", (await Run("", "list")).Output, StringComparison.Ordinal);
        Assert.Equal("tim@example.org added; it may send as tim@example.org.\n", (await Run("hunter2\n", "add", "tim@example.org")).Output);
        var file = Path.Combine(data, "accounts");
        var first = await File.ReadAllTextAsync(file);
        Assert.DoesNotContain("hunter2", first, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        var again = await Run("hunter2\n", "add", "Tim@example.org");
        Assert.Equal((65, "postrider: Tim@example.org is an account already; postrider user passwd sets its password.\n"), (again.ExitCode, again.Error));

        var password = Path.Combine(folder.Path, "password");
        await File.WriteAllTextAsync(password, "other\nsecond line\n");
        Assert.Equal("tim@example.org has a new password.\n", (await Run("", "passwd", "TIM@example.org", "--password-file", password)).Output);
        Assert.False(first == await File.ReadAllTextAsync(file), "The file is as it was.");

        Assert.Equal(0, (await Run("", "add", "app", "--no-password", "--sender", "@example.net", "--certificate", string.Join(':', Enumerable.Repeat("AB", 32)))).ExitCode);
        Assert.Equal(0, (await Run("", "add", "robot", "--no-password")).ExitCode);
        Assert.Equal(
            "tim@example.org  password                  tim@example.org\napp              certificate               @example.net\nrobot            token                     robot at the domains served here\n",
            (await Run("", "list")).Output);

        Assert.Equal(
            "robot changed; it may send as @example.net; messages 20000/1h; recipients off; by SCRAM-SHA-256-PLUS or EXTERNAL alone; must set its password anew.\n",
            (await Run("", "change", "Robot", "--sender", "@example.net", "--messages", "20000/1h", "--recipients", "off", "--mechanism", "scram-sha-256-plus", "--mechanism", "EXTERNAL", "--must-change")).Output);
        Assert.Equal("robot has a new password.\n", (await Run("hunter2\n", "passwd", "robot")).Output);
        Assert.Equal(
            "robot changed; it may send as @example.net; recipients off.\n",
            (await Run("", "change", "robot", "--messages", "default", "--mechanism", "any")).Output);

        Assert.Equal("app removed.\n", (await Run("", "remove", "app")).Output);
        Assert.DoesNotContain("app", (await Run("", "list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_for_on_demand_relay_has_a_secret_and_nothing_else()
    {
        using var folder = new TemporaryFolder("user");
        var data = Path.Combine(folder.Path, "data");
        Task<CommandRun> Run(string input, params string[] arguments) => CommandRun.InAsync(folder.Path, input, ["user", .. arguments, "--data", data]);

        Assert.Equal("branch added; it is for on-demand relay alone, and mayFetch in the configuration names its domains.\n", (await Run("hunter2\n", "add", "branch", "--odmr")).Output);
        var file = Path.Combine(data, "accounts");
        Assert.Contains("branch relay-secret=aHVudGVyMg==\n", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Equal("branch has a new password.\n", (await Run("hunter3\n", "passwd", "branch")).Output);
        Assert.Contains("branch relay-secret=aHVudGVyMw==\n", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Equal("branch  secret                    on-demand relay\n", (await Run("", "list")).Output);
    }

    [Theory]
    [InlineData("p\n", 64, "--odmr goes with --password-file alone", "add", "x", "--odmr", "--sender", "*")]
    [InlineData("", 66, "there is no password", "add", "x")]
    [InlineData("\u0007\n", 65, "the password is empty, or holds", "add", "x")]
    [InlineData("", 66, "there is no account x", "passwd", "x")]
    [InlineData("", 66, "there is no account x", "remove", "x")]
    [InlineData("p\n", 65, "a name has at most", "add", "a,b")]
    [InlineData("p\n", 65, "\"nonsense\" is no sender", "add", "x", "--sender", "nonsense")]
    [InlineData("p\n", 65, "a certificate is named by its SHA-256", "add", "x", "--certificate", "ab")]
    [InlineData("p\n", 65, "\"PLAINER\" is no mechanism", "add", "x", "--mechanism", "plainer")]
    [InlineData("p\n", 65, "\"many\" is no rate", "add", "x", "--messages", "many")]
    [InlineData("", 64, "What is to change?", "change", "x")]
    [InlineData("", 66, "there is no account x", "change", "x", "--must-change")]
    [InlineData("", 66, "Could not find file", "add", "x", "--password-file", "missing")]
    public async Task Mistakes_are_told_and_change_nothing(string input, int exitCode, string error, params string[] arguments)
    {
        using var folder = new TemporaryFolder("user");
        var run = await CommandRun.InAsync(folder.Path, input, ["user", .. arguments]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder.Path, "data", "accounts")));
    }
}
