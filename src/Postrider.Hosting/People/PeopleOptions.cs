namespace Postrider.Hosting.People;

/// <summary>
/// Who is here: users, aliases, lists and those who moved. A name without a domain is for every domain that is
/// delivered here. Where there is none of all this, every recipient at a local domain has a mailbox.
/// </summary>
public sealed class PeopleOptions
{
    /// <summary>The users, by local part or address.</summary>
    public IDictionary<string, UserOptions> Users { get; set; } = new Dictionary<string, UserOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The aliases, by local part or address, and where each leads. One beside an alias <c>owner-NAME</c> is a list with that owner.</summary>
    public IDictionary<string, IReadOnlyList<string>> Aliases { get; set; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The mailing lists, by local part or address.</summary>
    public IDictionary<string, ListOptions> Lists { get; set; } = new Dictionary<string, ListOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Those who have another address now, by their old local part or address.</summary>
    public IDictionary<string, MovedOptions> Moved { get; set; } = new Dictionary<string, MovedOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Who gets mail for nobody else, by domain; <c>*</c> for all local ones.</summary>
    public IDictionary<string, string> CatchAll { get; set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The characters behind which the detail of an address stands (<c>anna+shop@</c>). <c>+</c> unless set; empty for none.</summary>
    public string Separators { get; set; } = "+";

    /// <summary>What mail over a mailbox's quota gets: <c>defer</c> (452 4.2.2, it is tried again) or <c>refuse</c> (552 5.2.2). <c>defer</c> unless set (RFC 3463 §3.3).</summary>
    public string OverQuota { get; set; } = "defer";
}
