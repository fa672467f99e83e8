namespace Postrider.Hosting.People;

/// <summary>
/// Who is told by VRFY and EXPN who is here, and by HELP STATUS how the server is. Everybody else gets 252
/// (RFC 5321 §7.3). Nobody unless set; in a sandbox this machine.
/// </summary>
public sealed class AskOptions
{
    /// <summary>Networks: addresses or prefixes such as <c>10.0.0.0/8</c>.</summary>
    public IList<string> Networks { get; set; } = [];

    /// <summary>Accounts that have authenticated; <c>*</c> for each.</summary>
    public IList<string> Accounts { get; set; } = [];
}
