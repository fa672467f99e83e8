using System.Collections.Immutable;
using System.Globalization;
using Postrider.Delivery.Local;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Addresses;

namespace Postrider.Delivery.People;

/// <summary>
/// Makes an <see cref="AddressBook"/> out of what files or a program say, and finds every mistake in it: names that are
/// no addresses or given twice, aliases that lead to nobody or in circles, lists without an owner.
/// </summary>
/// <param name="domain">The domain of addresses that have none.</param>
/// <param name="isLocal">Whether mail for a domain is delivered here.</param>
public sealed class AddressBookBuilder(string domain, Func<string, bool> isLocal)
{
    /// <summary>The members of a list, or the targets of an alias, at most: 50,000.</summary>
    public const int MostTargets = 50_000;

    // Aliases of aliases of aliases; who means that many has made a mistake.
    private const int LongestWay = 50;

    private readonly Dictionary<string, AddressEntry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> paths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AddressEntry> catchAll = new(StringComparer.Ordinal);
    private readonly List<(string Path, AddressEntry From, NamedMailbox To)> steps = [];
    private readonly List<AddressMistake> mistakes = [];

    /// <summary>What is wrong so far; empty where nothing is.</summary>
    public IReadOnlyList<AddressMistake> Mistakes => mistakes;

    /// <summary>Characters behind which the detail of an address stands, as <c>+</c> in <c>anna+shop@</c>; empty for none.</summary>
    public string Separators { get; set; } = "+";

    /// <summary>Whether whom it does not know has a mailbox too.</summary>
    public bool TakesAnybody { get; set; }

    /// <summary>Adds a user.</summary>
    /// <param name="path">Where it is said, for mistakes.</param>
    /// <param name="name">The local part, for every local domain, or the address.</param>
    /// <param name="user">What is said of the user.</param>
    public void AddUser(string path, string name, UserTerms user)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (ReadName(path, name, user.FullName) is not var (key, named))
            return;
        var folder = user.Folder ?? MailboxFolder.Of(named.Mailbox);
        if (user.Folder is not null && CheckFolder(user.Folder) is { } wrong)
            Report($"{path}.mailbox", $"\"{user.Folder}\" {wrong}; give a folder below the one of the mailboxes, such as shared/office.");
        if (user.Quota.Octets < 0 || user.Quota.Messages < 0)
            Report($"{path}.quota", "is out of range; give 0 for no limit, or more.");
        var leadsTo = ReadAll($"{path}.forward", user.Forward);
        if (user.KeepsCopy && user.Forward.Count == 0)
            Report($"{path}.keepCopy", "has no meaning without forward; remove it, or say where mail is forwarded to.");
        var entry = new AddressEntry(AddressKind.User, named)
        {
            User = new LocalUser(named.Mailbox, folder) { Quota = user.Quota, State = user.State },
            LeadsTo = leadsTo,
            KeepsCopy = user.KeepsCopy,
        };
        if (Add(path, key, entry))
            AddSteps($"{path}.forward", entry);
    }

    /// <summary>Adds an alias; one with the name of a user says where the user's mail is forwarded, with a copy kept where it names the user.</summary>
    /// <param name="path">Where it is said.</param>
    /// <param name="name">The local part, for every local domain, or the address.</param>
    /// <param name="targets">Where its mail goes: local parts or addresses; at least one.</param>
    public void AddAlias(string path, string name, IReadOnlyList<string> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        if (ReadName(path, name, null) is not var (key, named))
            return;
        if (targets.Count == 0)
            Report(path, "leads nowhere; give at least one address.");
        var leadsTo = ReadAll(path, targets);
        if (entries.TryGetValue(key, out var user) && user is { Kind: AddressKind.User, LeadsTo.IsEmpty: true })
        {
            var self = AddressKey.Of(user.Name.Mailbox);
            var entry = user with
            {
                LeadsTo = [.. leadsTo.Where(to => AddressKey.Of(to.Mailbox) != self)],
                KeepsCopy = leadsTo.Any(to => AddressKey.Of(to.Mailbox) == self),
            };
            entries[key] = entry;
            AddSteps(path, entry);
            return;
        }
        var alias = new AddressEntry(AddressKind.Alias, named) { LeadsTo = leadsTo };
        if (Add(path, key, alias))
            AddSteps(path, alias);
    }

    /// <summary>Adds a mailing list.</summary>
    /// <param name="path">Where it is said.</param>
    /// <param name="name">The local part, for every local domain, or the address.</param>
    /// <param name="list">What is said of the list.</param>
    public void AddList(string path, string name, ListTerms list)
    {
        ArgumentNullException.ThrowIfNull(list);
        if (ReadName(path, name, list.FullName) is not var (key, named))
            return;
        if (list.Members.Count == 0)
            Report($"{path}.members", "is empty; give at least one member.");
        NamedMailbox? owner = null;
        if (string.IsNullOrWhiteSpace(list.Owner))
            Report($"{path}.owner", "is missing; give the address that failures go to (RFC 5321 §3.9.2).");
        else if (!AddressText.TryParse(list.Owner, domain, out owner, out var error))
            Report($"{path}.owner", $"\"{list.Owner}\" {error}.");
        var entry = new AddressEntry(AddressKind.List, named)
        {
            LeadsTo = ReadAll($"{path}.members", list.Members),
            Owner = owner?.Mailbox,
        };
        if (!Add(path, key, entry))
            return;
        AddSteps($"{path}.members", entry);
        if (owner is null)
            return;
        if (AddressKey.Of(owner.Mailbox) == AddressKey.Of(named.Mailbox))
            Report($"{path}.owner", "is the list itself, and each failure would go to all members; give a person's address.");
        else
            steps.Add(($"{path}.owner", entry with { LeadsTo = [] }, owner));
    }

    /// <summary>Adds somebody who has another address now.</summary>
    /// <param name="path">Where it is said.</param>
    /// <param name="name">The old local part or address.</param>
    /// <param name="to">The new address.</param>
    /// <param name="isForwarded">Whether mail is passed on (251), or refused with the new address (551).</param>
    public void AddMoved(string path, string name, string to, bool isForwarded)
    {
        ArgumentNullException.ThrowIfNull(to);
        if (ReadName(path, name, null) is not var (key, named))
            return;
        if (!AddressText.TryParse(to, domain, out var target, out var error))
        {
            Report($"{path}.to", to.Length == 0 ? "is missing; give the new address." : $"\"{to}\" {error}.");
            return;
        }
        var entry = new AddressEntry(AddressKind.Moved, named) { LeadsTo = [target], IsForwarded = isForwarded };
        if (Add(path, key, entry))
            steps.Add(($"{path}.to", entry, target));
    }

    /// <summary>Says who gets what is for nobody else at a domain.</summary>
    /// <param name="path">Where it is said.</param>
    /// <param name="of">The domain, or <c>*</c> for all that are local.</param>
    /// <param name="to">The address.</param>
    public void AddCatchAll(string path, string of, string to)
    {
        ArgumentNullException.ThrowIfNull(of);
        ArgumentNullException.ThrowIfNull(to);
        if (of != "*" && !isLocal(of))
            Report(path, $"{of} is not delivered here; name one of localDomains, or * for all of them.");
        if (!AddressText.TryParse(to, of == "*" ? domain : of, out var target, out var error))
        {
            Report(path, $"\"{to}\" {error}.");
            return;
        }
        var entry = new AddressEntry(AddressKind.Alias, target) { LeadsTo = [target] };
        if (!catchAll.TryAdd(of == "*" ? "" : DomainNames.Normalize(of), entry))
            Report(path, $"{of} has a catch-all already; remove one of them.");
        steps.Add((path, entry, target));
    }

    /// <summary>Makes the book. There is always a postmaster (RFC 5321 §4.5.1): one with a mailbox where nothing is said.</summary>
    /// <returns>The book, or null where there is a mistake.</returns>
    public AddressBook? Build()
    {
        if (!entries.ContainsKey("postmaster"))
        {
            var mailbox = new Mailbox("postmaster", domain);
            entries.Add("postmaster", new AddressEntry(AddressKind.User, new NamedMailbox(mailbox)) { User = new LocalUser(mailbox, MailboxFolder.Of(mailbox)) });
        }
        var book = new AddressBook(entries, catchAll, Separators, TakesAnybody);
        foreach (var (path, from, to) in steps)
            CheckStep(book, path, from, to.Mailbox);
        FindCircles(book);
        FindLongWays(book);
        return mistakes.Count > 0 ? null : book;
    }

    private void CheckStep(AddressBook book, string path, AddressEntry from, Mailbox to)
    {
        if (!isLocal(to.Domain))
            return;
        var target = book.Find(to);
        var isCatchAll = target is not null && catchAll.ContainsValue(target);
        if ((target is null && !TakesAnybody) || (isCatchAll && catchAll.ContainsValue(from)))
            Report(path, $"leads to {to}, and there is nobody of that name here; add the user, or give an address elsewhere.");
        else if (target is { Kind: AddressKind.Moved, IsForwarded: false })
            Report(path, $"leads to {to}, who has moved to {target.LeadsTo[0].Mailbox}; give that address.");
        else if (from is { Kind: AddressKind.Moved } && ReferenceEquals(from, target))
            Report(path, "is the old address itself; give the new one.");
    }

    // A user within what the user forwards to gets it in the mailbox; everything else that leads back to itself leads nowhere.
    private void FindCircles(AddressBook book)
    {
        var done = new HashSet<AddressEntry>(ReferenceEqualityComparer.Instance);
        foreach (var (key, start) in entries)
        {
            Walk(book, start, static entry => entry.Kind != AddressKind.User, done.Contains, (entry, _) => done.Add(entry), circle =>
                Report(paths.GetValueOrDefault(key, ""), $"leads in a circle: {string.Join(", then ", circle.Select(static one => one.Name.Mailbox))}."));
        }
    }

    private void FindLongWays(AddressBook book)
    {
        var lengths = new Dictionary<AddressEntry, int>(ReferenceEqualityComparer.Instance);
        foreach (var (key, start) in entries)
        {
            Walk(book, start, static _ => true, lengths.ContainsKey, (entry, next) => lengths[entry] = 1 + next.Select(one => lengths.GetValueOrDefault(one)).DefaultIfEmpty().Max(), static _ => { });
            if (lengths[start] == LongestWay + 1)
                Report(paths.GetValueOrDefault(key, ""), string.Create(CultureInfo.InvariantCulture, $"leads through more than {LongestWay} addresses; name those behind it."));
        }
    }

    // Depth first, without a call for each step: a file of aliases may be as deep as it is long.
    private void Walk(
        AddressBook book,
        AddressEntry start,
        Predicate<AddressEntry> isFollowed,
        Predicate<AddressEntry> isDone,
        Action<AddressEntry, List<AddressEntry>> leave,
        Action<IEnumerable<AddressEntry>> circle)
    {
        var way = new List<AddressEntry>();
        var onWay = new HashSet<AddressEntry>(ReferenceEqualityComparer.Instance);
        var open = new Stack<(List<AddressEntry> Behind, int Next)>();
        Enter(start);
        while (open.TryPop(out var place))
        {
            if (place.Next < place.Behind.Count)
            {
                open.Push(place with { Next = place.Next + 1 });
                Enter(place.Behind[place.Next]);
                continue;
            }
            leave(way[^1], place.Behind);
            onWay.Remove(way[^1]);
            way.RemoveAt(way.Count - 1);
        }

        void Enter(AddressEntry entry)
        {
            if (isDone(entry) || !isFollowed(entry))
                return;
            if (onWay.Contains(entry))
            {
                circle(way.SkipWhile(earlier => !ReferenceEquals(earlier, entry)).Append(entry));
                return;
            }
            way.Add(entry);
            onWay.Add(entry);
            open.Push(([.. entry.LeadsTo.Where(to => isLocal(to.Mailbox.Domain)).Select(to => book.Find(to.Mailbox)).OfType<AddressEntry>()], 0));
        }
    }

    private (string Key, NamedMailbox Name)? ReadName(string path, string name, string? fullName)
    {
        if (fullName is not null && AddressText.CheckFullName(fullName) is { } wrong)
            Report($"{path}.fullName", $"{wrong}.");
        else if (!AddressText.TryParse(name, domain, out var named, out var error) || named.FullName is not null)
            Report(path, $"\"{name}\" {error ?? "is more than an address"}; give a name such as anna, or an address such as anna@example.org.");
        else if (!isLocal(named.Mailbox.Domain))
            Report(path, $"{named.Mailbox.Domain} is not delivered here; name one of localDomains.");
        else
        {
            // With its domain it is for that alone; without, for every local one.
            var hasDomain = AddressParser.TryParseMailbox(name.Trim().Trim('<', '>'), out _, out _);
            return (hasDomain ? AddressKey.Of(named.Mailbox) : DomainNames.Fold(named.Mailbox.LocalPart), named with { FullName = fullName });
        }
        return null;
    }

    private ImmutableArray<NamedMailbox> ReadAll(string path, IReadOnlyList<string> texts)
    {
        if (texts.Count > MostTargets)
        {
            Report(path, string.Create(CultureInfo.InvariantCulture, $"has {texts.Count} addresses; {MostTargets} are the most."));
            return [];
        }
        var read = ImmutableArray.CreateBuilder<NamedMailbox>(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            if (AddressText.TryParse(texts[i], domain, out var mailbox, out var error))
                read.Add(mailbox);
            else
                Report(texts.Count == 1 ? path : Item(path, i), $"\"{texts[i]}\" {error}.");
        }
        return read.ToImmutable();
    }

    private bool Add(string path, string key, AddressEntry entry)
    {
        if (entries.TryAdd(key, entry))
        {
            paths.Add(key, path);
            return true;
        }
        Report(path, $"{entry.Name.Mailbox} has a meaning already in {paths[key]}; remove one of them.");
        return false;
    }

    private void AddSteps(string path, AddressEntry entry)
    {
        for (var i = 0; i < entry.LeadsTo.Length; i++)
            steps.Add((entry.LeadsTo.Length == 1 ? path : Item(path, i), entry, entry.LeadsTo[i]));
    }

    private static string? CheckFolder(string folder)
    {
        foreach (var part in folder.Split('/'))
        {
            if (part.Length is 0 or > 200)
                return "is not the path of a folder";
            if (part[0] == '.')
                return "has a part that begins with a dot";
            if (part.Any(static c => char.IsControl(c) || c is '\\' or ':'))
                return "has a character that no folder has";
        }
        return null;
    }

    private static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    private void Report(string path, string reason) => mistakes.Add(new AddressMistake(path, reason));
}
