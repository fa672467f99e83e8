using System.Globalization;
using System.Runtime.InteropServices;

namespace Postrider.FunctionalTests;

/// <summary>A data folder on a small file system of its own, which is filled and emptied while mail comes in.</summary>
public sealed partial class DiskFullTests
{
    // Two segments of 64 MB are kept for outcomes (rule 14 of the queue); there must be room beyond them.
    private const int Size = 320 << 20;

    [Fact]
    public async Task A_full_disk_is_said_to_clients_and_mail_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The small file system is a tmpfs of Linux.");
        await using var server = await ServerProcess.StartAsync();
        await server.StopAsync();
        using var disk = SmallDisk.TryMount(server.Data, Size);
        Assert.SkipWhen(disk is null, "Mounting a tmpfs needs root.");
        await server.StartAgainAsync();
        using var folder = new TemporaryFolder("message");
        var message = Path.Combine(folder.Path, "message");
        await File.WriteAllTextAsync(message, $"Subject: x\n\n{string.Concat(Enumerable.Repeat(new string('x', 70) + "\n", 10_000))}");
        var filler = Path.Combine(server.Data, "filler");

        Fill(filler);
        var accepted = 0;
        CommandRun sent;
        while ((sent = await SendAsync(server, message)).ExitCode == 0)
            accepted++;
        Assert.Equal(75, sent.ExitCode);
        Assert.Contains("452 4.3.1", sent.Error, StringComparison.Ordinal);

        File.Delete(filler);
        await Eventually.FoundAsync(() => SendAsync(server, message).GetAwaiter().GetResult() is { ExitCode: 0 } run ? run : null, () => server.Output);
        await new Mailboxes(server).ExpectAsync("a", "b.example", accepted + 1);
        await server.StopAsync();
    }

    private static Task<CommandRun> SendAsync(ServerProcess server, string file) =>
        CommandRun.OfAsync("send", "--server", server.EndPoint.ToString(), "--to", "a@b.example", "--file", file);

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var octets = new byte[1 << 20];
        try
        {
            while (true)
                file.Write(octets);
        }
        catch (IOException)
        {
            // The disk is full, as it should be.
        }
    }

    private sealed partial class SmallDisk(string path) : IDisposable
    {
        private const int DetachNow = 2;

        public static SmallDisk? TryMount(string path, int size)
        {
            Directory.CreateDirectory(path);
            return Mount("tmpfs", path, "tmpfs", 0, string.Create(CultureInfo.InvariantCulture, $"size={size},mode=0700")) == 0 ? new SmallDisk(path) : null;
        }

        public void Dispose() => _ = Unmount(path, DetachNow);

        [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int Mount(string source, string target, string type, nuint flags, string options);

        [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        private static partial int Unmount(string target, int flags);
    }
}
