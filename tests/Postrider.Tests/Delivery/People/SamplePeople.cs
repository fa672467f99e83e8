using Postrider.Delivery.People;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Addresses;

namespace Postrider.Tests.Delivery.People;

/// <summary>A small company: users, aliases, lists within lists, somebody who forwards and some who moved.</summary>
internal static class SamplePeople
{
    public static Func<string, bool> IsLocal { get; } = static domain => domain is "example.org" or "example.com";

    public static AddressBookBuilder Builder(bool takesAnybody = false) => new("example.org", IsLocal) { TakesAnybody = takesAnybody };

    public static AddressBook Book(MailboxQuota quota = default)
    {
        var builder = Builder();
        builder.AddUser("users.anna", "anna", new UserTerms { FullName = "Anna Smith", Quota = quota });
        builder.AddUser("users.bob", "bob", new UserTerms { FullName = "Bob Smith", Forward = ["bob@elsewhere.example"], KeepsCopy = true });
        builder.AddUser("users.carl", "carl", new UserTerms { Forward = ["carl@elsewhere.example"] });
        builder.AddUser("users.dora", "dora@example.com", new UserTerms { FullName = "Dora Müller", Folder = "staff/dora" });
        builder.AddUser("users.lock", "lock", new UserTerms { State = MailboxState.Locked });
        builder.AddUser("users.gone", "gone", new UserTerms { State = MailboxState.Disabled });
        builder.AddAlias("aliases.info", "info", ["anna", "bob"]);
        builder.AddAlias("aliases.root", "root", ["info"]);
        builder.AddList("lists.team", "team", new ListTerms { FullName = "The team", Owner = "anna", Members = ["anna", "bob", "Emil <emil@elsewhere.example>"] });
        builder.AddList("lists.all", "all", new ListTerms { FullName = "Everybody", Owner = "root", Members = ["team", "dora@example.com", "info"] });
        builder.AddMoved("moved.fritz", "fritz", "fritz@new.example", isForwarded: true);
        builder.AddMoved("moved.gerda", "gerda", "gerda@new.example", isForwarded: false);
        var book = builder.Build();
        Assert.Empty(builder.Mistakes);
        return book!;
    }

    public static RoutingTable Routes(AddressBook book)
    {
        var mail = new MaildirTarget("/mail", Mailbox("postmaster@example.org"), book);
        return new RoutingTable(
            [new RouteRule(DomainPattern.Parse("example.org"), mail), new RouteRule(DomainPattern.Parse("example.com"), mail)],
            new RelayTarget(new RelayHost("smarthost.example")),
            postmaster: mail.Postmaster);
    }

    public static Mailbox Mailbox(string text) => new(text[..text.LastIndexOf('@')], text[(text.LastIndexOf('@') + 1)..]);
}
