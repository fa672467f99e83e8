using Postrider.Delivery;
using Postrider.Delivery.Local;
using Postrider.Delivery.Routing;
using Postrider.Queue.Disk;
using Postrider.Queue.Outcomes;

namespace Postrider.Tests.Delivery.Local;

public sealed class MaildirOnDiskTests
{
    [Fact]
    public async Task Mail_lands_in_real_files_that_only_their_owner_reads()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The disk of Windows is not there yet.");
            return;
        }
        var folder = Directory.CreateTempSubdirectory("postrider-");
        try
        {
            var target = new MaildirTarget(Path.Join(folder.FullName, "mail"));
            var agent = new MaildirAgent(new UnixDisk(), TimeProvider.System, new MaildirOptions { HostName = "mx.example.org" });
            var leases = new FakeLeases();
            var attempts = Enumerable.Range(0, 20)
                .Select(_ => leases.Add(target.Key, ["Bob@example.org", "../ann@example.org"], arrived: DateTimeOffset.UnixEpoch))
                .Select(entry => new DeliveryAttempt(entry, leases.Envelope(entry), target, leases))
                .ToList();
            await Task.WhenAll(attempts.Select(attempt => agent.DeliverAsync(attempt, CancellationToken.None).AsTask()));

            Assert.All(attempts.SelectMany(attempt => attempt.Outcomes), outcome => Assert.Equal((DeliveryResult.Delivered, "Delivered to the mailbox"), (outcome.Status.Result, outcome.Status.Text)));
            var box = Path.Join(target.Root, "example.org", "bob");
            Assert.Equal(20, Directory.GetFiles(Path.Join(box, "new")).Length);
            Assert.Equal(20, Directory.GetFiles(Path.Join(target.Root, "example.org", "%2e.%2fann", "new")).Length);
            Assert.Empty(Directory.GetFiles(Path.Join(box, "tmp")));
            var file = Directory.GetFiles(Path.Join(box, "new"))[0];
            Assert.Equal("Return-Path: <sender@example.com>\nSubject: test\n\ntext\n", await File.ReadAllTextAsync(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(box));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
