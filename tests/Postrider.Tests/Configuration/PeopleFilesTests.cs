using System.Collections;
using Postrider.Configuration;
using Postrider.Delivery.People;
using Postrider.Hosting;
using Postrider.Tests.Delivery.People;

namespace Postrider.Tests.Configuration;

public sealed class PeopleFilesTests : IDisposable
{
    private const string Configuration = """{ "listeners": [ { "address": "::", "port": 25 } ], "localDomains": [ "example.org", "example.com" ], "people": "people.json", "aliases": "aliases" }""";

    private readonly string folder = Directory.CreateTempSubdirectory("postrider-people-").FullName;

    [Fact]
    public void Who_is_here_is_read_from_files()
    {
        Write("people.json", """
            {
              "users": {
                "anna": { "fullName": "Anna Smith", "quota": "1 GB", "quotaMessages": 1000, "mailbox": "staff/anna" },
                "bob@example.com": { "state": "locked", "forward": [ "bob@elsewhere.example", "anna" ], "keepCopy": true },
              },
              "lists": { "team": { "fullName": "The team", "owner": "anna", "members": [ "anna", "Emil <emil@elsewhere.example>" ] } },
              "aliases": { "info": "anna" },
              "moved": { "carl": "carl@new.example", "dora": { "to": "dora@new.example", "forward": true } },
              "catchAll": { "example.com": "info" },
              "separators": "-+", "overQuota": "refuse",
            }
            """);
        Write("aliases", "postmaster: root\nroot: anna\nfriends: anna, emil@elsewhere.example\nowner-friends: anna\n");
        var book = Book(Load(Configuration));
        var anna = book.Find(SamplePeople.Mailbox("anna-x@example.com"))!;
        Assert.Equal(("Anna Smith", "staff/anna", new MailboxQuota(1_000_000_000, 1000, IsFinal: true)), (anna.Name.FullName, anna.User!.Folder, anna.User.Quota));
        var bob = book.Find(SamplePeople.Mailbox("bob@example.com"))!;
        Assert.Equal((MailboxState.Locked, true, 2), (bob.User!.State, bob.KeepsCopy, bob.LeadsTo.Length));
        Assert.Equal("anna@example.org", book.Find(SamplePeople.Mailbox("team@example.org"))!.Owner!.ToString());
        Assert.False(book.Find(SamplePeople.Mailbox("carl@example.org"))!.IsForwarded);
        Assert.True(book.Find(SamplePeople.Mailbox("dora@example.org"))!.IsForwarded);
        Assert.Equal("info@example.com", Assert.Single(book.Find(SamplePeople.Mailbox("whoever@example.com"))!.LeadsTo).Mailbox.ToString());
        Assert.Null(book.Find(SamplePeople.Mailbox("whoever@example.org")));
        // aliases(5): with an owner- beside it, an alias is a list.
        Assert.Equal((AddressKind.List, "owner-friends@example.org"), (book.Find(SamplePeople.Mailbox("friends@example.org"))!.Kind, book.Find(SamplePeople.Mailbox("friends@example.org"))!.Owner!.ToString()));
        Assert.Equal(AddressKind.Alias, book.Find(SamplePeople.Mailbox("postmaster@example.org"))!.Kind);
    }

    [Theory]
    [InlineData("{\n  \"users\": {\n    \"anna\": { \"fullNam\": \"Anna\" }\n  }\n}", "", "people.json:3: users.anna.fullNam: is not a setting; did you mean \"fullName\"?")]
    [InlineData("{\n  \"users\": {\n    \"anna\": { \"state\": \"shut\" }\n  }\n}", "", "people.json:3: users.anna.state: \"shut\" is not known; give open, locked or disabled.")]
    [InlineData("{\n  \"aliases\": {\n    \"info\": [\n \"postmaster\",\n \"nobody\" ]\n  }\n}", "", "people.json:5: aliases.info[1]: leads to nobody@example.org, and there is nobody of that name here; add the user, or give an address elsewhere.")]
    [InlineData("{\n  \"lists\": {\n    \"all\": { \"members\": \"postmaster\" }\n  }\n}", "", "people.json:3: lists.all.owner: is missing; give the address that failures go to (RFC 5321 §3.9.2).")]
    [InlineData("{\n  \"users\": { \"anna\": {},\n \"Anna\": {} }\n}", "", "people.json:2: users: Anna is given twice, in different case; remove one of them.")]
    [InlineData("{ \"users\": }", "", "people.json:1: this is not JSON")]
    [InlineData("{ \"overQuota\": \"bounce\" }", "", "people.json:1: overQuota: \"bounce\" is not known; give defer (452, tried again) or refuse (552).")]
    [InlineData("{ \"separators\": \"a\" }", "", "people.json:1: separators: \"a\" has a character that stands in names; give one such as + or -.")]
    [InlineData("{}", "# Aliases\n\nroot: nobody\n", "aliases:3: root: leads to nobody@example.org, and there is nobody of that name here")]
    [InlineData("{}", "root: |/bin/sh\n", "aliases:1: \"|/bin/sh\" is a program, and none is run for an alias; give an address.")]
    [InlineData("{}", "a: postmaster\na: postmaster\n", "aliases:2: a: is an alias already; remove one of them.")]
    [InlineData("{}", "a: b\nb: a\n", "leads in a circle: a@example.org, then b@example.org, then a@example.org.")]
    public void A_mistake_is_reported_with_its_file_and_line(string people, string aliases, string expected)
    {
        Write("people.json", people);
        Write("aliases", aliases);
        Assert.Contains(Load(Configuration).Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_missing_and_people_without_a_domain_are_mistakes()
    {
        Write("aliases", "");
        Assert.Contains(Load(Configuration).Problems, static problem => problem.EndsWith("people.json: there is no such file.", StringComparison.Ordinal));
        Write("people.json", "{}");
        Assert.Contains(Load("""{ "smarthost": "x.example", "people": "people.json" }""").Problems, static problem => problem.Contains("is for domains that are delivered here", StringComparison.Ordinal));
    }

    [Fact]
    public void A_change_is_noticed_and_with_a_mistake_who_was_here_stays()
    {
        Write("people.json", """{ "users": { "anna": {} } }""");
        Write("aliases", "info: :include:team\n");
        Write("team", "anna\n");
        var configuration = Load(Configuration);
        Assert.Empty(configuration.Problems);
        Assert.False(configuration.People.HaveChanged());

        Write("team", "anna, nobody\n");
        Assert.True(configuration.People.HaveChanged());
        Assert.Contains("leads to nobody@example.org", Assert.Single(configuration.ReadPeopleAgain()), StringComparison.Ordinal);
        Assert.False(configuration.People.HaveChanged());
        Assert.Single(configuration.Mail.People!.Aliases["info"]);

        Write("team", "anna, bob\n");
        Write("people.json", """{ "users": { "anna": {}, "bob": {} } }""");
        Assert.True(configuration.People.HaveChanged());
        Assert.Empty(configuration.ReadPeopleAgain());
        Assert.Equal(2, Book(configuration).Find(SamplePeople.Mailbox("info@example.org"))!.LeadsTo.Length);

        File.Delete(Path.Combine(folder, "team"));
        Assert.True(configuration.People.HaveChanged());
        Assert.Contains("there is no such file", Assert.Single(configuration.ReadPeopleAgain()), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static AddressBook Book(PostriderConfiguration configuration)
    {
        Assert.Empty(configuration.Problems);
        return new MailServerOptionsCheck().Freeze(configuration.Mail, configuration.Server)!.People!;
    }

    private PostriderConfiguration Load(string json)
    {
        Write("postrider.json", json);
        return PostriderConfiguration.Load(new PostriderConfiguration.Sources(Path.Combine(folder, "postrider.json"), null, []), new Hashtable());
    }

    // Each version has a time of its own, however fast they follow each other.
    private void Write(string file, string text)
    {
        var path = Path.Combine(folder, file);
        var before = File.Exists(path) ? File.GetLastWriteTimeUtc(path) : DateTime.UnixEpoch;
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, before + TimeSpan.FromSeconds(1));
    }
}
