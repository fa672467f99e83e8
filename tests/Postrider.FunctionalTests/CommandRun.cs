using System.Diagnostics;

namespace Postrider.FunctionalTests;

/// <summary>One run of the built program as a command, to its end.</summary>
/// <param name="ExitCode">What it returned.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="Error">Its standard error.</param>
public sealed record CommandRun(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs the program with these arguments and nothing on its standard input.</summary>
    public static Task<CommandRun> OfAsync(params string[] arguments) => InAsync(Environment.CurrentDirectory, "", arguments);

    /// <summary>Runs the program in a folder, with a text on its standard input.</summary>
    public static async Task<CommandRun> InAsync(string folder, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(ServerProcess.Program, arguments)
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(patience.Token);
        return new CommandRun(process.ExitCode, await output, await error);
    }
}
