using Postrider.Delivery.People;
using Postrider.Smtp.Addresses;

namespace Postrider.Tests.Delivery.People;

public sealed class ExpanderTests
{
    private const string Sender = "jones@sender.example";

    [Theory]
    [InlineData("info@example.org", "anna@example.org! bob@example.org! bob@elsewhere.example", Sender)]
    [InlineData("root@example.com", "anna@example.org! bob@example.org! bob@elsewhere.example", Sender)]
    [InlineData("carl@example.org", "carl@elsewhere.example", Sender)]
    [InlineData("bob+x@example.org", "bob@example.org! bob@elsewhere.example", Sender)]
    [InlineData("fritz@example.org", "fritz@new.example", Sender)]
    [InlineData("team@example.org", "anna@example.org! bob@example.org! bob@elsewhere.example emil@elsewhere.example", "anna@example.org")]
    public void An_alias_keeps_the_sender_and_a_list_puts_its_owner_there(string address, string recipients, string sender)
    {
        var found = Expand(address, new ReversePath(SamplePeople.Mailbox(Sender)));
        Assert.Equal(recipients, Names(found));
        Assert.All(found, recipient => Assert.Equal(sender, recipient.Sender.ToString()));
    }

    [Fact]
    public void A_list_within_a_list_has_its_own_owner_and_each_member_one_copy()
    {
        var found = Expand("all@example.org", new ReversePath(SamplePeople.Mailbox(Sender)));
        Assert.Equal("anna@example.org! bob@example.org! bob@elsewhere.example emil@elsewhere.example dora@example.com!", Names(found));
        Assert.Equal("anna@example.org anna@example.org anna@example.org anna@example.org root@example.org", string.Join(' ', found.Select(static recipient => recipient.Sender)));
    }

    [Fact]
    public void The_null_sender_stays()
    {
        Assert.All(Expand("all@example.org", ReversePath.Null), static recipient => Assert.True(recipient.Sender.IsNull));
    }

    [Fact]
    public void A_name_behind_itself_is_its_own_mailbox()
    {
        var builder = SamplePeople.Builder();
        builder.AddUser("u", "anna", new UserTerms { Forward = ["team"] });
        builder.AddUser("v", "bob", new UserTerms { Forward = ["bob@elsewhere.example"] });
        builder.AddList("l", "team", new ListTerms { Owner = "postmaster", Members = ["anna", "bob", "both"] });
        builder.AddAlias("a", "both", ["bob", "anna"]);
        var routes = SamplePeople.Routes(builder.Build()!);
        Assert.Equal("anna@example.org! bob@elsewhere.example", Names(new Expander(routes).Expand(SamplePeople.Mailbox("anna@example.org"), ReversePath.Null)));
        Assert.Equal("anna@example.org! bob@elsewhere.example", Names(new Expander(routes).Expand(SamplePeople.Mailbox("team@example.org"), ReversePath.Null)));
    }

    private static List<ExpandedRecipient> Expand(string address, ReversePath sender) =>
        new Expander(SamplePeople.Routes(SamplePeople.Book())).Expand(SamplePeople.Mailbox(address), sender);

    private static string Names(IEnumerable<ExpandedRecipient> found) =>
        string.Join(' ', found.Select(static one => $"{one.Recipient.Mailbox}{(one.Recipient.IsFinal ? "!" : "")}"));
}
