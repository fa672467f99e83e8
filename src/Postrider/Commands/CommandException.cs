namespace Postrider.Commands;

/// <summary>A command cannot go on: what to say, and with which code to end.</summary>
internal sealed class CommandException(int exitCode, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>See <see cref="Commands.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;
}
