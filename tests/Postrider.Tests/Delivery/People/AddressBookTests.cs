using Postrider.Delivery.People;

namespace Postrider.Tests.Delivery.People;

public sealed class AddressBookTests
{
    [Theory]
    [InlineData("anna@example.org", "anna@example.org")]
    [InlineData("ANNA@Example.ORG", "anna@example.org")]
    [InlineData("anna@example.com", "anna@example.org")]
    [InlineData("anna+shop@example.org", "anna@example.org")]
    [InlineData("anna+shop+2@example.org", "anna@example.org")]
    [InlineData("dora@example.com", "dora@example.com")]
    [InlineData("dora+x@example.com", "dora@example.com")]
    [InlineData("dora@example.org", null)]
    [InlineData("dora@example.com@example.com", null)]
    [InlineData("+anna@example.org", null)]
    [InlineData("annas@example.org", null)]
    [InlineData("team@example.org", "team@example.org")]
    [InlineData("postmaster@example.com", "postmaster@example.org")]
    [InlineData("PostMaster@example.org", "postmaster@example.org")]
    public void An_address_is_found_by_itself_by_its_name_and_without_its_detail(string address, string? found) =>
        Assert.Equal(found, SamplePeople.Book().Find(SamplePeople.Mailbox(address))?.Name.Mailbox.ToString());

    [Fact]
    public void A_catch_all_takes_what_is_for_nobody_else()
    {
        var builder = SamplePeople.Builder();
        builder.AddUser("u", "anna", new UserTerms());
        builder.AddUser("v", "bob", new UserTerms());
        builder.AddCatchAll("c", "example.com", "anna");
        builder.AddCatchAll("d", "*", "bob");
        var book = builder.Build()!;
        Assert.Equal("anna@example.com", book.Find(SamplePeople.Mailbox("nobody@example.com"))!.LeadsTo[0].Mailbox.ToString());
        Assert.Equal("bob@example.org", book.Find(SamplePeople.Mailbox("nobody@example.org"))!.LeadsTo[0].Mailbox.ToString());
        Assert.Equal(AddressKind.User, book.Find(SamplePeople.Mailbox("anna@example.com"))!.Kind);
    }

    [Theory]
    [InlineData("anna", "anna@example.org")]
    [InlineData("Smith", "anna@example.org bob@example.org")]
    [InlineData("anna smith", "anna@example.org")]
    [InlineData("Smith, Bob", "bob@example.org")]
    [InlineData("Smith Nobody", "")]
    [InlineData("MÜLLER", "dora@example.com")]
    [InlineData("Mu", "")]
    [InlineData("team", "team@example.org")]
    [InlineData("", "")]
    public void A_name_is_looked_for_among_local_parts_then_among_full_names(string name, string found) =>
        Assert.Equal(found, string.Join(' ', SamplePeople.Book().Search(name, 10).Select(static entry => entry.Name.Mailbox)));

    [Fact]
    public void An_alias_with_a_users_name_forwards_the_users_mail()
    {
        var builder = SamplePeople.Builder();
        builder.AddUser("u", "anna", new UserTerms());
        builder.AddAlias("a", "anna", ["anna", "x@elsewhere.example"]);
        var anna = builder.Build()!.Find(SamplePeople.Mailbox("anna@example.org"))!;
        Assert.True(anna.KeepsCopy);
        Assert.Equal("x@elsewhere.example", Assert.Single(anna.LeadsTo).Mailbox.ToString());
    }

    public static TheoryData<Action<AddressBookBuilder>, string, string> Mistakes => new()
    {
        { static book => book.AddUser("u", "a b", new UserTerms()), "u", "is not an address" },
        { static book => book.AddUser("u", "x@elsewhere.example", new UserTerms()), "u", "elsewhere.example is not delivered here" },
        { static book => book.AddUser("u", "anna", new UserTerms { FullName = "A\r\n250 B" }), "u.fullName", "control character" },
        { static book => book.AddUser("u", "anna", new UserTerms { Folder = "../x" }), "u.mailbox", "begins with a dot" },
        { static book => book.AddUser("u", "anna", new UserTerms { Folder = "/etc" }), "u.mailbox", "is not the path of a folder" },
        { static book => book.AddUser("u", "anna", new UserTerms { Quota = new(-1, 0) }), "u.quota", "out of range" },
        { static book => book.AddUser("u", "anna", new UserTerms { KeepsCopy = true }), "u.keepCopy", "without forward" },
        { static book => book.AddUser("u", "anna", new UserTerms { Forward = ["nobody"] }), "u.forward", "there is nobody of that name here" },
        { static book => book.AddAlias("a", "info", []), "a", "leads nowhere" },
        { static book => book.AddAlias("a", "info", ["postmaster", "nobody@example.com"]), "a[1]", "leads to nobody@example.com, and there is nobody" },
        { static book => book.AddAlias("a", "info", ["info"]), "a", "leads in a circle: info@example.org, then info@example.org" },
        { static book => book.AddList("l", "team", new ListTerms { Members = ["postmaster"] }), "l.owner", "is missing" },
        { static book => book.AddList("l", "team", new ListTerms { Owner = "team", Members = ["postmaster"] }), "l.owner", "is the list itself" },
        { static book => book.AddList("l", "team", new ListTerms { Owner = "nobody", Members = ["postmaster"] }), "l.owner", "there is nobody" },
        { static book => book.AddList("l", "team", new ListTerms { Owner = "postmaster" }), "l.members", "is empty" },
        { static book => book.AddMoved("m", "fritz", "", isForwarded: true), "m.to", "is missing" },
        { static book => book.AddMoved("m", "fritz", "fritz", isForwarded: false), "m.to", "leads to fritz@example.org, who has moved" },
        { static book => book.AddCatchAll("c", "elsewhere.example", "postmaster"), "c", "is not delivered here" },
        { static book => book.AddCatchAll("c", "*", "nobody"), "c", "there is nobody of that name" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Each_mistake_is_found_with_its_place(Action<AddressBookBuilder> make, string path, string reason)
    {
        var builder = SamplePeople.Builder();
        make(builder);
        Assert.Null(builder.Build());
        Assert.Contains(builder.Mistakes, mistake => mistake.Path == path && mistake.Reason.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_has_one_meaning()
    {
        var builder = SamplePeople.Builder();
        builder.AddUser("users.anna", "anna", new UserTerms());
        builder.AddMoved("moved.anna", "Anna", "anna@new.example", isForwarded: true);
        Assert.Null(builder.Build());
        Assert.Equal(new AddressMistake("moved.anna", "Anna@example.org has a meaning already in users.anna; remove one of them."), Assert.Single(builder.Mistakes));
    }

    [Fact]
    public void Circles_are_found_through_lists_and_aliases_and_long_ways_refused()
    {
        var builder = SamplePeople.Builder();
        builder.AddList("lists.a", "a", new ListTerms { Owner = "postmaster", Members = ["b", "postmaster"] });
        builder.AddAlias("aliases.b", "b", ["c@example.com"]);
        builder.AddList("lists.c", "c", new ListTerms { Owner = "postmaster", Members = ["a+again"] });
        Assert.Null(builder.Build());
        Assert.Equal("leads in a circle: a@example.org, then b@example.org, then c@example.org, then a@example.org.", Assert.Single(builder.Mistakes).Reason);

        builder = SamplePeople.Builder();
        for (var i = 0; i < 10_000; i++)
            builder.AddAlias($"aliases.a{i}", $"a{i}", [i == 9_999 ? "postmaster" : $"a{i + 1}"]);
        Assert.Null(builder.Build());
        Assert.Equal(new AddressMistake("aliases.a9950", "leads through more than 50 addresses; name those behind it."), Assert.Single(builder.Mistakes));
    }
}
