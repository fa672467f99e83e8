using System.Collections.Frozen;
using System.Collections.Immutable;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Addresses;

namespace Postrider.Delivery.People;

/// <summary>
/// Who is here: users, aliases, lists, forwards and those who moved. Immutable; a reload replaces it whole.
/// It is asked about addresses at domains that are delivered here, and knows nothing of others.
/// </summary>
public sealed class AddressBook
{
    private readonly FrozenDictionary<string, AddressEntry> entries;
    private readonly FrozenDictionary<string, AddressEntry> catchAll;
    private readonly ImmutableArray<AddressEntry> listed;
    private readonly FrozenDictionary<string, AddressEntry[]> byLocalPart;
    private readonly FrozenDictionary<string, AddressEntry[]> byWord;
    private readonly string separators;

    internal AddressBook(
        IReadOnlyDictionary<string, AddressEntry> entries,
        IReadOnlyDictionary<string, AddressEntry> catchAll,
        string separators,
        bool takesAnybody)
    {
        this.entries = entries.ToFrozenDictionary(StringComparer.Ordinal);
        this.catchAll = catchAll.ToFrozenDictionary(StringComparer.Ordinal);
        this.separators = separators;
        TakesAnybody = takesAnybody;
        listed = [.. entries.Values.Distinct().OrderBy(static entry => entry.Name.Mailbox.ToString(), StringComparer.OrdinalIgnoreCase)];
        byLocalPart = Index(static entry => [DomainNames.Fold(entry.Name.Mailbox.LocalPart)]);
        byWord = Index(static entry => entry.Name.FullName is { } name ? Words(name) : []);
    }

    /// <summary>Whether whom it does not know has a mailbox too, as in a sandbox.</summary>
    public bool TakesAnybody { get; }

    /// <summary>All entries, in the order of their addresses; catch-alls are none of them.</summary>
    public IReadOnlyList<AddressEntry> Entries => listed;

    /// <summary>
    /// What an address at a local domain stands for, or null: nobody. Looks for the address itself, for the name at
    /// all local domains, for both without what stands behind a separator, and last for the domain's catch-all.
    /// </summary>
    public AddressEntry? Find(Mailbox mailbox)
    {
        ArgumentNullException.ThrowIfNull(mailbox);
        var local = DomainNames.Fold(mailbox.LocalPart);
        var domain = DomainNames.Normalize(mailbox.Domain);
        if (Find(local, domain) is { } entry)
            return entry;
        // RFC 5233 §4: the detail stands behind the first separator, and a name before it.
        var end = local.AsSpan().IndexOfAny(separators);
        if (end > 0 && Find(local[..end], domain) is { } whole)
            return whole;
        return TakesAnybody ? null : catchAll.GetValueOrDefault(domain) ?? catchAll.GetValueOrDefault("");
    }

    /// <summary>
    /// The entries that a name may mean which is no address: a local part at any domain, or else words of a full
    /// name (RFC 5321 §3.5.1).
    /// </summary>
    /// <param name="name">The name.</param>
    /// <param name="limit">How many are wanted at most.</param>
    public IReadOnlyList<AddressEntry> Search(string name, int limit)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (byLocalPart.TryGetValue(DomainNames.Fold(name), out var ofThatName))
            return [.. ofThatName.Take(limit)];
        // The rarest of the words leaves the fewest to be looked at.
        AddressEntry[]? fewest = null;
        var words = Words(name);
        foreach (var word in words)
        {
            var ofThatWord = byWord.GetValueOrDefault(word, []);
            if (fewest is null || ofThatWord.Length < fewest.Length)
                fewest = ofThatWord;
        }
        return fewest is null ? [] : [.. fewest.Where(entry => IsNamed(Words(entry.Name.FullName!), words)).Take(limit)];
    }

    private FrozenDictionary<string, AddressEntry[]> Index(Func<AddressEntry, string[]> wordsOf) => listed
        .SelectMany(entry => wordsOf(entry).Distinct(StringComparer.Ordinal).Select(word => (Word: word, Entry: entry)))
        .GroupBy(static pair => pair.Word, static pair => pair.Entry, StringComparer.Ordinal)
        .ToFrozenDictionary(static group => group.Key, static group => group.ToArray(), StringComparer.Ordinal);

    private AddressEntry? Find(string local, string domain) =>
        entries.GetValueOrDefault(AddressKey.Of(local, domain)) ?? entries.GetValueOrDefault(local);

    private static string[] Words(string name) =>
        DomainNames.Fold(name).Split([' ', '\t', '.', ',', '"'], StringSplitOptions.RemoveEmptyEntries);

    private static bool IsNamed(string[] name, string[] wanted) =>
        Array.TrueForAll(wanted, word => Array.Exists(name, part => string.Equals(part, word, StringComparison.Ordinal)));
}
