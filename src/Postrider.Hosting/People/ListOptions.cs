namespace Postrider.Hosting.People;

/// <summary>A mailing list.</summary>
public sealed class ListOptions
{
    /// <summary>The name as people write it.</summary>
    public string? FullName { get; set; }

    /// <summary>Who is told of failures, in the place of the sender (RFC 5321 §3.9.2). Every list has one.</summary>
    public string Owner { get; set; } = "";

    /// <summary>The members: local parts, addresses, <c>Full Name &lt;address&gt;</c>, other lists. At least one, 50,000 at most.</summary>
    public IList<string> Members { get; set; } = [];
}
