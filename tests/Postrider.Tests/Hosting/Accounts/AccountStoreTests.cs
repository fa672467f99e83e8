using Postrider.Hosting.Accounts;

namespace Postrider.Tests.Hosting.Accounts;

public sealed class AccountStoreTests
{
    [Fact]
    public void A_change_is_in_force_soon()
    {
        using var rig = new LoginRig();
        rig.Write(new Account { Name = "new" });
        Assert.False(rig.Store.Current.TryFind("new", out _));
        rig.Time.Advance(AccountStore.Interval);
        Assert.True(rig.Store.Current.TryFind("new", out _));
        Assert.False(rig.Store.Current.TryFind("app", out _));
        Assert.Equal([$"{rig.File}: 1 accounts are in force"], rig.Logged);
    }

    [Fact]
    public void A_mistake_leaves_the_accounts_as_they_were_and_is_told_once()
    {
        using var rig = new LoginRig();
        File.AppendAllText(rig.File, "bob password=hunter2\n");
        rig.Time.Advance(AccountStore.Interval * 3);
        Assert.True(rig.Store.Current.TryFind("app", out _));
        var line = Assert.Single(rig.Logged);
        Assert.Contains("accounts:5: the password is not written as", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", line, StringComparison.Ordinal);

        rig.Write(new Account { Name = "new" });
        rig.Time.Advance(AccountStore.Interval);
        Assert.True(rig.Store.Current.TryFind("new", out _));
    }

    [Fact]
    public void A_file_that_others_can_read_is_warned_of()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes of files.");
        using var rig = new LoginRig();
        rig.Write();
        File.AppendAllText(rig.File, "# a remark\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(rig.File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        rig.Time.Advance(AccountStore.Interval);
        Assert.Contains(rig.Logged, line => line.Contains("make its mode 0600", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_goes_takes_its_accounts_with_it()
    {
        using var rig = new LoginRig();
        File.Delete(rig.File);
        rig.Time.Advance(AccountStore.Interval);
        Assert.Empty(rig.Store.Current.All);
    }
}
