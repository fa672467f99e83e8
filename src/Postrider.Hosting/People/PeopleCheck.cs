using System.Globalization;
using Postrider.Delivery.People;

namespace Postrider.Hosting.People;

/// <summary>Checks who is here, and freezes it into an address book.</summary>
internal static class PeopleCheck
{
    /// <summary>What the paths of its mistakes begin with.</summary>
    public const string Root = "people";

    /// <summary>Checks and freezes.</summary>
    /// <param name="people">Who is here.</param>
    /// <param name="domain">The domain of addresses that have none.</param>
    /// <param name="isLocal">Whether mail for a domain is delivered here.</param>
    /// <param name="takesAnybody">Whether everybody else has a mailbox too.</param>
    /// <param name="report">Takes each mistake: its path, and what is wrong.</param>
    /// <returns>The book, or null where there is a mistake.</returns>
    public static AddressBook? Freeze(PeopleOptions people, string domain, Func<string, bool> isLocal, bool takesAnybody, Action<string, string> report)
    {
        var isFinal = people.OverQuota == "refuse";
        if (!isFinal && people.OverQuota != "defer")
            report($"{Root}.overQuota", $"\"{people.OverQuota}\" is not known; give defer (452, tried again) or refuse (552).");
        if (people.Separators.Any(static c => char.IsAsciiLetterOrDigit(c) || c is '@' or '.' || c <= ' '))
            report($"{Root}.separators", $"\"{people.Separators}\" has a character that stands in names; give one such as + or -.");

        var book = new AddressBookBuilder(domain, isLocal) { Separators = people.Separators, TakesAnybody = takesAnybody };
        foreach (var (name, user) in people.Users)
            book.AddUser(PathOf("users", name), name, Terms(user, isFinal, PathOf("users", name), report));
        foreach (var (name, list) in people.Lists)
            book.AddList(PathOf("lists", name), name, new ListTerms { FullName = list.FullName, Owner = list.Owner, Members = [.. list.Members] });
        foreach (var (name, moved) in people.Moved)
            book.AddMoved(PathOf("moved", name), name, moved.To, moved.Forward);
        foreach (var (name, targets) in people.Aliases)
        {
            // aliases(5): failures of NAME go to owner-NAME where there is one, which makes a list of it.
            var owner = $"owner-{name}";
            if (people.Aliases.ContainsKey(owner))
                book.AddList(PathOf("aliases", name), name, new ListTerms { Owner = owner, Members = targets });
            else
                book.AddAlias(PathOf("aliases", name), name, targets);
        }
        foreach (var (of, to) in people.CatchAll)
            book.AddCatchAll(PathOf("catchAll", of), of, to);
        var frozen = book.Build();
        foreach (var (path, reason) in book.Mistakes)
            report(path, reason);
        return frozen;
    }

    private static UserTerms Terms(UserOptions user, bool isFinal, string path, Action<string, string> report)
    {
        MailboxState? state = user.State switch
        {
            "open" => MailboxState.Open,
            "locked" => MailboxState.Locked,
            "disabled" => MailboxState.Disabled,
            _ => null,
        };
        if (state is null)
            report($"{path}.state", $"\"{user.State}\" is not known; give open, locked or disabled.");
        return new UserTerms
        {
            FullName = user.FullName,
            Folder = user.Mailbox,
            Quota = new MailboxQuota(user.Quota, user.QuotaMessages, isFinal),
            State = state ?? MailboxState.Open,
            Forward = [.. user.Forward],
            KeepsCopy = user.KeepCopy,
        };
    }

    // As the configuration writes the paths of its values.
    private static string PathOf(string part, string name) =>
        name.Length > 0 && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? string.Create(CultureInfo.InvariantCulture, $"{Root}.{part}.{name}")
            : string.Create(CultureInfo.InvariantCulture, $"{Root}.{part}[\"{name}\"]");
}
