using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace Postrider.FunctionalTests;

/// <summary>
/// The built program as a process of its own, on a free port of loopback and with a data folder of
/// its own, which goes with it. It may be killed and started again on the same port and folder.
/// </summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    /// <summary>The signal that ends a process politely.</summary>
    public const int SigTerm = 15;

    /// <summary>Stands for the port of <see cref="EndPoint"/> in a configuration that has listeners of its own.</summary>
    public const string PortMark = "PORT";

    private const int SigHup = 1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder folder = new("server");
    private readonly string[] arguments;
    private readonly bool hasListeners;
    private readonly StringBuilder output = new();
    private Process? process;

    private ServerProcess(string? configuration, string[] arguments)
    {
        this.arguments = arguments;
        EndPoint = FreePort();
        if (configuration is not null)
            File.WriteAllText(ConfigurationFile = Path.Combine(folder.Path, "postrider.json"), configuration.Replace(PortMark, EndPoint.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        hasListeners = configuration?.Contains(PortMark, StringComparison.Ordinal) == true;
    }

    /// <summary>The clone that these tests were built from.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The built program, of the same configuration (Debug, Release) as these tests.</summary>
    public static string Program { get; } = FindProgram();

    /// <summary>Where it takes mail.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Its data folder.</summary>
    public string Data => Path.Combine(folder.Path, "data");

    /// <summary>The Maildir of a recipient.</summary>
    public string Mailbox(string address) =>
        Path.Combine(Data, "mail", address[(address.LastIndexOf('@') + 1)..], address[..address.LastIndexOf('@')]);

    /// <summary>Its configuration file, or null: the sandbox.</summary>
    public string? ConfigurationFile { get; }

    /// <summary>The process that runs now.</summary>
    public int Id => Running.Id;

    /// <summary>What it has written so far to standard output and standard error.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    private Process Running => process ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>Starts a server and waits until it greets.</summary>
    /// <param name="configuration">The text of its configuration file, or null for the sandbox.</param>
    /// <param name="arguments">More arguments.</param>
    public static Task<ServerProcess> StartAsync(string? configuration = null, params string[] arguments) =>
        StartAsync(configuration, new Dictionary<string, string>(StringComparer.Ordinal), arguments);

    /// <summary>Starts a server with files beside its configuration, and waits until it greets.</summary>
    /// <param name="configuration">The text of its configuration file, or null for the sandbox.</param>
    /// <param name="files">Names and texts of the files.</param>
    /// <param name="arguments">More arguments.</param>
    public static async Task<ServerProcess> StartAsync(string? configuration, IReadOnlyDictionary<string, string> files, params string[] arguments)
    {
        var server = new ServerProcess(configuration, arguments);
        foreach (var (name, text) in files)
            await File.WriteAllTextAsync(Path.Combine(server.folder.Path, name), text);
        try
        {
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a server that passes all mail on to another on loopback, and tries again after a second.</summary>
    public static Task<ServerProcess> StartRelayAsync(IPEndPoint smarthost) =>
        StartAsync($$"""{ "hostname": "relay.example", "smarthost": ["{{smarthost}}"], "retry": { "after": ["1s"] } }""");

    /// <summary>A port of 127.0.0.1 that nobody had a moment ago.</summary>
    public static IPEndPoint FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>Starts the program after it has ended, and waits until it greets.</summary>
    public async Task StartAgainAsync()
    {
        Launch();
        await GreetedAsync();
    }

    /// <summary>Starts the program after it has ended; it may not listen yet when this returns.</summary>
    public void Launch()
    {
        process?.Dispose();
        var start = new ProcessStartInfo(Program)
        {
            UseShellExecute = false,
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["serve", "--data", Data, .. hasListeners ? [] : new[] { "--listen", EndPoint.ToString() }, .. arguments])
            start.ArgumentList.Add(argument);
        if (ConfigurationFile is not null)
        {
            start.ArgumentList.Add("--config");
            start.ArgumentList.Add(ConfigurationFile);
        }
        process = new Process { StartInfo = start };
        process.OutputDataReceived += Note;
        process.ErrorDataReceived += Note;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Waits until it greets.</summary>
    /// <exception cref="InvalidOperationException">It ended, or does not greet; what it wrote is in the message.</exception>
    public async Task GreetedAsync()
    {
        var started = Stopwatch.StartNew();
        while (!await RawSmtpClient.GreetsAsync(EndPoint))
        {
            if (Running.HasExited)
                throw new InvalidOperationException($"The server ended with {Running.ExitCode} instead of starting:\n{Output}");
            if (started.Elapsed > Patience)
                throw new InvalidOperationException($"The server does not greet on {EndPoint}:\n{Output}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Has it read its configuration again (SIGHUP).</summary>
    public void Reload() => _ = SendSignal(Running.Id, SigHup);

    /// <summary>Ends it politely (SIGTERM).</summary>
    /// <exception cref="InvalidOperationException">It did not end with 0; what it wrote is in the message.</exception>
    public async Task StopAsync()
    {
        if (!Running.HasExited)
            _ = SendSignal(Running.Id, SigTerm);
        using var patience = new CancellationTokenSource(Patience);
        await Running.WaitForExitAsync(patience.Token);
        if (Running.ExitCode != 0)
            throw new InvalidOperationException($"The server ended with {Running.ExitCode} instead of 0:\n{Output}");
    }

    /// <summary>Ends it at once (SIGKILL), as a crash would, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        Running.Kill();
        await Running.WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (process is { } running)
        {
            if (!running.HasExited)
                await KillAsync();
            running.Dispose();
        }
        folder.Dispose();
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (output)
        {
            if (line.Data is { } text)
                output.AppendLine(text);
        }
    }

    private static string FindRepository()
    {
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            if (File.Exists(Path.Combine(above.FullName, "Postrider.slnx")))
                return above.FullName;
        }
        throw new InvalidOperationException($"{AppContext.BaseDirectory} does not lie in a clone of Postrider.");
    }

    // These tests lie in …/bin/CONFIGURATION/FRAMEWORK, and so does the program.
    private static string FindProgram()
    {
        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var file = OperatingSystem.IsWindows() ? "postrider.exe" : "postrider";
        return Path.Combine(Repository, "src", "Postrider", "bin", built.Parent?.Name ?? "Debug", built.Name, file);
    }

    /// <summary>Sends a signal to a process.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int SendSignal(int process, int signal);
}
