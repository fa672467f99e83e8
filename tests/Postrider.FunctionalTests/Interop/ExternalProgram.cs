using System.Diagnostics;
using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>A program of the system that a test needs; without it the test is skipped, and says so.</summary>
public sealed class ExternalProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/sbin"];

    private ExternalProgram(string path) => FullPath = path;

    /// <summary>Where it lies.</summary>
    public string FullPath { get; }

    /// <summary>Finds a program, or skips the test.</summary>
    public static ExternalProgram Require(string name)
    {
        var path = Folders.Where(static f => f.Length > 0).Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip($"{name} is not installed; .ci/install does it, from Debian's packages.");
        return new ExternalProgram(path);
    }

    /// <summary>Skips the test for a user who is not root.</summary>
    public static void RequireRoot(string why)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip($"Needs root: {why}.");
    }

    /// <summary>Runs it to its end, which has to be a good one, and gives what it wrote.</summary>
    /// <param name="input">Its standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    public async Task<string> RunAsync(ReadOnlyMemory<byte> input, params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        var said = await output + await errors;
        Assert.True(process.ExitCode == 0, $"{FullPath} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{said}");
        return said;
    }

    /// <summary>Starts it and leaves it running.</summary>
    public Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(FullPath, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.Latin1,
        StandardErrorEncoding = Encoding.Latin1,
    })!;
}
