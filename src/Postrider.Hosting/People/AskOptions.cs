namespace Postrider.Hosting.People;

/// <summary>
/// Which peers may ask for more than mail being taken: those of a network, and those who have logged in. Nobody unless
/// set; in a sandbox this machine.
/// </summary>
public sealed class AskOptions
{
    /// <summary>Networks: addresses or prefixes such as <c>10.0.0.0/8</c>.</summary>
    public IList<string> Networks { get; set; } = [];

    /// <summary>Accounts that have authenticated; <c>*</c> for each.</summary>
    public IList<string> Accounts { get; set; } = [];
}
