using Microsoft.Extensions.Logging;

namespace Postrider.Hosting.Accounts;

/// <summary>
/// The accounts of now. The file is read again soon after it changes; while there is a mistake in it, the accounts
/// before the mistake stay in force, and the log says so once.
/// </summary>
internal sealed partial class AccountStore : IDisposable
{
    /// <summary>How often the file is looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly string path;
    private readonly ILogger<AccountStore> logger;
    private readonly ITimer timer;
    private Stamp seen;
    private volatile AccountBook current;

    /// <summary>Reads the file for the first time.</summary>
    /// <param name="path">The file; it need not be there.</param>
    /// <param name="time">When to look at it again.</param>
    /// <param name="logger">Is told of changes and mistakes.</param>
    /// <exception cref="IOException">There is a mistake in it; the message names file and line.</exception>
    public AccountStore(string path, TimeProvider time, ILogger<AccountStore> logger)
    {
        this.path = path;
        this.logger = logger;
        seen = Stamp.Of(path);
        current = AccountFile.Read(path);
        WarnOfReaders();
        timer = time.CreateTimer(static self => ((AccountStore)self!).Look(), this, Interval, Interval);
    }

    /// <summary>The accounts.</summary>
    public AccountBook Current => current;

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        var now = Stamp.Of(path);
        if (now == seen)
            return;
        seen = now;
        try
        {
            var book = AccountFile.Read(path);
            current = book;
            LogRead(path, book.All.Count);
            WarnOfReaders();
        }
        catch (IOException e)
        {
            LogKept(e.Message);
        }
    }

    private void WarnOfReaders()
    {
        if (!OperatingSystem.IsWindows() && seen.Length >= 0
            && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            LogReadable(path);
        }
    }

    [LoggerMessage(701, LogLevel.Information, "{File}: {Count} accounts are in force")]
    private partial void LogRead(string file, int count);

    [LoggerMessage(711, LogLevel.Error, "{Problem} The accounts stay as they were")]
    private partial void LogKept(string problem);

    [LoggerMessage(712, LogLevel.Warning, "{File} can be read or written by others than its owner; make its mode 0600")]
    private partial void LogReadable(string file);

    // What tells one state of a file from another; -1 for one that is not there.
    private readonly record struct Stamp(long Length, DateTime Written)
    {
        public static Stamp Of(string path)
        {
            var file = new FileInfo(path);
            return file.Exists ? new Stamp(file.Length, file.LastWriteTimeUtc) : new Stamp(-1, default);
        }
    }
}
