using System.Runtime.Versioning;
using Postrider.Queue.Disk;

namespace Postrider.Tests.Queue.Disk;

[UnsupportedOSPlatform("windows")]
public sealed class UnixDiskTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("postrider-disk-");
    private readonly UnixDisk disk = new();

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void More_pieces_than_one_call_takes_are_written_in_order()
    {
        var pieces = Enumerable.Range(0, 3000).Select(i => new ReadOnlyMemory<byte>([.. BitConverter.GetBytes(i).Take(i % 5)])).ToList();
        using var file = Create("pieces");
        Assert.False(file.Write(100, pieces).IsError);
        Assert.False(file.SyncData().IsError);
        Assert.False(file.Length(out var length).IsError);
        var expected = pieces.SelectMany(piece => piece.ToArray()).ToArray();
        Assert.Equal(100 + expected.Length, length);
        var read = new byte[expected.Length + 50];
        Assert.False(file.Read(100, read, out var count).IsError);
        Assert.Equal(expected, read[..count]);
    }

    [Fact]
    public void A_new_file_is_its_owners_alone_and_is_made_once()
    {
        Create("secret").Dispose();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("secret")));
        Assert.True(disk.Open(At("secret"), FileUse.CreateNew, out var file).IsExisting);
        Assert.Null(file);
    }

    [Fact]
    public void Blocks_written_past_the_cache_are_read_through_it()
    {
        var blocks = BlockMemory.Make(8192);
        using var file = Create("blocks");
        foreach (var value in (byte[])[1, 2])
        {
            blocks.Span.Fill(value);
            Assert.False(file.WriteBlocks(4096, blocks).IsError);
            var read = new byte[8192];
            // In the cache by this, so that the next round has something to outdate.
            Assert.False(file.Read(4096, read, out var count).IsError);
            Assert.Equal(blocks.ToArray(), read[..count]);
        }
        Assert.False(file.SyncData().IsError);
        Assert.False(file.Length(out var length).IsError);
        Assert.Equal(12_288, length);
        file.Dispose();
        Assert.True(file.WriteBlocks(4096, blocks).IsError);
    }

    [Fact]
    public void Blocks_are_written_where_the_file_system_refuses_to_pass_its_cache_by()
    {
        Assert.False(disk.Open("/dev/null", FileUse.ReadWrite, out var refusing).IsError);
        using (refusing)
            Assert.False(refusing!.WriteBlocks(0, BlockMemory.Make(4096)).IsError);
    }

    [Fact]
    public void A_call_on_a_closed_file_fails_and_reaches_no_other()
    {
        var closed = Create("closed");
        closed.Dispose();
        // The system gives the number of the closed one away again.
        using var other = Create("other");
        Assert.True(closed.Write(0, [new byte[10]]).IsError);
        Assert.True(closed.Read(0, new byte[10], out _).IsError);
        Assert.True(closed.SetLength(20).IsError);
        Assert.True(closed.SyncData().IsError);
        Assert.True(closed.Length(out _).IsError);
        closed.Dispose();
        Assert.False(other.Length(out var length).IsError);
        Assert.Equal(0, length);
    }

    [Fact]
    public void Folders_are_made_with_those_above_them()
    {
        Assert.False(disk.CreateDirectory(At("a/b/c")).IsError);
        Assert.False(disk.CreateDirectory(At("a/b/c")).IsError);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(At("a/b")));
        Assert.False(disk.SyncDirectory(At("a/b")).IsError);
        Create("plain").Dispose();
        Assert.True(disk.CreateDirectory(At("plain")).IsError);
        Assert.True(disk.CreateDirectory(At("plain/below")).IsError);
    }

    [Fact]
    public void Names_are_changed_listed_and_removed()
    {
        Create("one").Dispose();
        Create("two").Dispose();
        Assert.False(disk.Rename(At("one"), At("two")).IsError);
        Assert.False(disk.List(folder.FullName, out var names).IsError);
        Assert.Equal(["two"], names);
        Assert.False(disk.Delete(At("two")).IsError);
        Assert.False(disk.Exists(At("two")));
    }

    [Fact]
    public void Errors_come_back_as_numbers()
    {
        Assert.Equal(new DiskError(2, IsNotFound: true), disk.Open(At("none"), FileUse.Read, out _));
        Assert.True(disk.Delete(At("none")).IsNotFound);
        Assert.True(disk.Rename(At("none"), At("other")).IsNotFound);
        Assert.True(disk.SyncDirectory(At("none")).IsNotFound);
        Assert.True(disk.List(At("none"), out _).IsNotFound);
        Create("file").Dispose();
        Assert.False(disk.Open(At("file"), FileUse.Read, out var file).IsError);
        using (file)
            Assert.Equal(9, file!.Write(0, [new byte[1]]).Number);
    }

    [Fact]
    public void A_full_disk_says_so()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no /dev/full here.");
        Assert.False(disk.Open("/dev/full", FileUse.ReadWrite, out var file).IsError);
        using (file)
            Assert.True(file!.Write(0, [new byte[1]]).IsNoSpace);
    }

    [Fact]
    public void The_length_can_be_set()
    {
        using var file = Create("length");
        Assert.False(file.SetLength(5000).IsError);
        Assert.False(file.Length(out var length).IsError);
        Assert.Equal(5000, length);
    }

    [Fact]
    public void Space_is_known()
    {
        Assert.False(disk.Space(folder.FullName, out var free, out var total).IsError);
        Assert.InRange(free, 1, total);
    }

    [Fact]
    public async Task Work_runs_elsewhere()
    {
        Assert.Equal(7, await disk.RunAsync(() => 7));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await disk.RunAsync<int>(() => throw new InvalidDataException()));
    }

    private IDiskFile Create(string name)
    {
        Assert.False(disk.Open(At(name), FileUse.CreateNew, out var file).IsError);
        return file!;
    }

    private string At(string name) => Path.Combine(folder.FullName, name);
}
