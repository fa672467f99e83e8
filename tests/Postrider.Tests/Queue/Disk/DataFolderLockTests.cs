using Postrider.Queue.Disk;

namespace Postrider.Tests.Queue.Disk;

public sealed class DataFolderLockTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("postrider-lock-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void A_second_start_is_told_who_holds_the_folder()
    {
        var inner = Path.Combine(folder.FullName, "data");
        using var held = DataFolderLock.Take(inner, "postrider serve");
        var refused = Assert.Throws<DataFolderInUseException>(() => DataFolderLock.Take(inner, "postrider queue list"));
        Assert.Equal($"{Environment.ProcessId} (postrider serve)", refused.Holder);
        Assert.Contains(inner, refused.Message, StringComparison.Ordinal);
        Assert.Contains("postrider serve", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_up_it_can_be_taken_again()
    {
        DataFolderLock.Take(folder.FullName, "a very long command line that is longer than the next").Dispose();
        using var held = DataFolderLock.Take(folder.FullName, "next");
        var refused = Assert.Throws<DataFolderInUseException>(() => DataFolderLock.Take(folder.FullName, "third"));
        Assert.Equal($"{Environment.ProcessId} (next)", refused.Holder);
    }

    [Fact]
    public void What_cannot_be_locked_is_named()
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, DataFolderLock.FileName));
        var failure = Assert.Throws<IOException>(() => DataFolderLock.Take(folder.FullName, "x"));
        Assert.Contains(Path.Combine(folder.FullName, DataFolderLock.FileName), failure.Message, StringComparison.Ordinal);
    }
}
