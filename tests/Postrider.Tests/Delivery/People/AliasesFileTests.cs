using Postrider.Delivery.People;

namespace Postrider.Tests.Delivery.People;

public sealed class AliasesFileTests
{
    private readonly List<(int Line, string Reason)> mistakes = [];

    [Fact]
    public void The_classic_file_is_read_as_its_manual_page_says()
    {
        var aliases = Parse("""
            # Basic system aliases
            mailer-daemon: postmaster
            postmaster:	root

            root: anna,
              # a remark between the lines of an alias
              bob@example.org

              , "carl jones"@example.org
            "smart, alec": \anna, "anna@example.org", Anna Smith <anna@example.net>
            team: :include:/lists/team
            """);
        Assert.Empty(mistakes);
        Assert.Equal("mailer-daemon|postmaster|root|smart, alec|team", string.Join('|', aliases.Select(static alias => alias.Name.Trim('"'))));
        Assert.Equal([2, 3, 5, 10, 11], aliases.Select(static alias => alias.Line));
        Assert.Equal(["anna", "bob@example.org", "\"carl jones\"@example.org"], aliases[2].Targets);
        Assert.Equal(["anna", "anna@example.org", "Anna Smith <anna@example.net>"], aliases[3].Targets);
        Assert.Equal(["dora", "emil@example.com", "fritz"], aliases[4].Targets);
    }

    [Theory]
    [InlineData("a: b\nhello\n", 2, "is not an alias")]
    [InlineData("  b\n", 1, "there is none before it")]
    [InlineData("a: |/usr/bin/vacation\n", 1, "is a program")]
    [InlineData("\n\na: \"|/usr/bin/vacation anna\"\n", 3, "is a program")]
    [InlineData("a: /var/mail/a\n", 1, "is a file")]
    [InlineData("a: :include:/nowhere\n", 1, "there is no such file")]
    [InlineData("a: :include:/lists/nested\n", 1, "line 2: \":include:/lists/team\" is included from a file that is itself included")]
    [InlineData("a: :include:/lists/long\n", 1, "is longer than")]
    public void What_is_wrong_is_said_with_its_line(string text, int line, string reason)
    {
        Parse(text);
        var mistake = Assert.Single(mistakes);
        Assert.Equal(line, mistake.Line);
        Assert.Contains(reason, mistake.Reason, StringComparison.Ordinal);
    }

    private IReadOnlyList<FileAlias> Parse(string text) => AliasesFile.Parse(text, Include, mistakes);

    private static string Include(string name) => name switch
    {
        "/lists/team" => "# The team\ndora, emil@example.com\n\nfritz\r\n",
        "/lists/nested" => "dora\n:include:/lists/team\n",
        "/lists/long" => new string('a', AliasesFile.LongestInclude + 1),
        _ => throw new IOException($"{name} there is no such file."),
    };
}
