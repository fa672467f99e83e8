using System.Text;

namespace Postrider.Commands;

/// <summary>
/// Where a password comes from: a file, the standard input, or a person, who does not see it. Never the command
/// line, which others on the machine can read.
/// </summary>
internal static class PasswordInput
{
    /// <summary>Reads one.</summary>
    /// <param name="file">The file, or - for the standard input; null to ask, or to read the standard input where nobody is there.</param>
    /// <param name="account">Whose it is.</param>
    /// <exception cref="CommandException">There is none.</exception>
    public static string Read(string? file, string account)
    {
        if (file is null && !Console.IsInputRedirected)
            return Ask(account);
        var line = file is null or "-" ? Console.In.ReadLine() : FirstLine(file);
        return string.IsNullOrEmpty(line) ? throw new CommandException(ExitCode.NoInput, "there is no password: the first line is empty.") : line;
    }

    private static string FirstLine(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            return reader.ReadLine() ?? "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.NoInput, $"{file}: {e.Message}", e);
        }
    }

    private static string Ask(string account)
    {
        var first = ReadHidden($"Password of {account}: ");
        if (ReadHidden("Once more: ") != first)
            throw new CommandException(ExitCode.Data, "the two are not the same.");
        return first;
    }

    private static string ReadHidden(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return typed.ToString();
    }
}
