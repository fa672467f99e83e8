namespace Postrider.Hosting;

/// <summary>One mistake in the options.</summary>
/// <param name="Path">Which value, as the configuration file names it: <c>listeners[1].port</c>.</param>
/// <param name="Reason">What is wrong, and what would be right.</param>
public readonly record struct OptionsMistake(string Path, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Reason}";
}
