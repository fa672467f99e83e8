using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Hosting.Accounts;
using Postrider.Queue.Disk;

namespace Postrider.Hosting.Greylisting;

/// <summary>
/// Keeps the greylist over a restart, in the file <c>greylist</c> of the data folder: written every five minutes where it has changed, and
/// at the stop. A crash forgets what is newer, which puts that mail off once more.
/// </summary>
internal sealed partial class GreylistFile(Greylist greylist, DataFolder folder, IDisk disk, TimeProvider time, ILogger<GreylistFile> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private readonly Lock writing = new();
    private readonly string path = Path.Combine(folder.Path, "greylist");
    private ITimer? timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Nobody else writes it, so that one half written is ours, of a crash.
            disk.Delete(path + ".new");
            if (File.Exists(path))
                greylist.Read(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            LogUnreadable(path, e.Message);
        }
        timer = time.CreateTimer(static self => ((GreylistFile)self!).Save(), this, Period, Period);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        timer?.Dispose();
        Save();
        return Task.CompletedTask;
    }

    public void Dispose() => timer?.Dispose();

    private void Save()
    {
        lock (writing)
        {
            if (!greylist.IsChanged)
                return;
            try
            {
                PrivateFile.Replace(path, greylist.Write(), disk);
            }
            catch (IOException e)
            {
                LogNotWritten(e.Message);
            }
        }
    }

    [LoggerMessage(231, LogLevel.Warning, "the greylist {Path} cannot be read to its end: {Reason}; what is missing is put off once more")]
    private partial void LogUnreadable(string path, string reason);

    [LoggerMessage(232, LogLevel.Warning, "the greylist cannot be written: {Reason}")]
    private partial void LogNotWritten(string reason);
}
