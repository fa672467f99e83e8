using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Postrider.Smtp.Replies;
using Postrider.Tests.Architecture;

namespace Postrider.Tests.Smtp.Replies;

/// <summary>Each reply has its situation and a dialogue that produces it, and docs/reply-codes.md lists them.</summary>
public sealed partial class ReplyCatalogueTests
{
    // RFC 5321 §4.2.3 and its extensions: 1985, 2034, 2645, 3207, 4954, 7504.
    private static readonly int[] codes =
    [
        211, 214, 220, 221, 235, 250, 251, 252, 253, 334, 354,
        421, 432, 450, 451, 452, 453, 454, 455, 458, 459,
        500, 501, 502, 503, 504, 521, 530, 534, 535, 538, 550, 551, 552, 553, 554, 555, 556,
    ];

    // What is said only where the server itself fails or has too much to do: the file of the test that brings it about.
    private static readonly Dictionary<string, string> shownByTests = new(StringComparer.Ordinal)
    {
        [nameof(ReplyCatalogue.CannotServe)] = "Transport/Listening/ServerPumpFailureTests.cs",
        [nameof(ReplyCatalogue.LocalError)] = "Transport/Listening/ServerPumpFailureTests.cs",
        [nameof(ReplyCatalogue.NoRoomForRecipient)] = "Transport/Listening/SessionMemoryTests.cs",
        [nameof(ReplyCatalogue.TooManyLogins)] = "Hosting/Accounts/LoginTests.cs",
    };

    [Fact]
    public void Each_reply_has_a_dialogue_that_produces_it() =>
        Assert.Empty(Rows().Where(static row => row.ShownBy.Count == 0).Select(static row => row.Name));

    [Fact]
    public void A_test_that_stands_for_a_dialogue_names_the_reply() =>
        Assert.All(shownByTests, static shown => Assert.Contains($"ReplyCatalogue.{shown.Key}", File.ReadAllText(Path.Combine(Repository.Root, "tests", "Postrider.Tests", shown.Value)), StringComparison.Ordinal));

    [Fact]
    public void Each_code_of_SMTP_has_a_situation() =>
        Assert.Empty(codes.Except(Rows().Select(static row => row.Code)));

    [Fact]
    public void The_class_of_an_enhanced_code_is_that_of_its_reply() =>
        Assert.All(Rows(), static row => Assert.True(row.Enhanced.IsNone || row.Enhanced.Class == row.Code / 100, row.Name));

    [Fact]
    public void Every_2yz_4yz_and_5yz_has_an_enhanced_code_but_for_greeting_and_hello() =>
        Assert.Equal(["Extensions", "Greeting", "Hello"], Rows().Where(static row => row.Enhanced.IsNone && row.Code / 100 != 3).Select(static row => row.Name).Order(StringComparer.Ordinal), StringComparer.Ordinal);

    [Fact]
    public void The_list_of_replies_is_that_of_the_catalogue() => WrittenDocument.AssertIs("reply-codes.md", Document());

    private static string Document()
    {
        var text = new StringBuilder("""
            # Replies

            Every reply that Postrider gives as a server, when it gives it, and dialogues in which it does: scripts in
            `tests/Postrider.Tests/Dialogues`, or tests in `tests/Postrider.Tests`. A test keeps this list true;
            `POSTRIDER_WRITE_DOCUMENTS=1 dotnet test` writes it anew. `…` stands for what the situation fills in. A text that
            is too long for a line of 512 octets takes several.

            | Code | Text | When | Shown by |
            |---|---|---|---|

            """);
        foreach (var row in Rows().OrderBy(static row => row.Code))
        {
            var code = row.Enhanced.IsNone ? row.Code.ToString(CultureInfo.InvariantCulture) : $"{row.Code} {row.Enhanced}";
            text.Append(CultureInfo.InvariantCulture, $"| {code} | {row.Text.Replace("|", "\\|", StringComparison.Ordinal)} | {row.Situation} | {string.Join(", ", row.ShownBy.Take(3))} |\n");
        }
        return text.ToString();
    }

    private static List<Row> Rows()
    {
        var said = Scripts().ToList();
        var situations = Situations();
        var rows = new List<Row>();
        foreach (var property in typeof(ReplyCatalogue).GetProperties())
        {
            if (property.PropertyType == typeof(string))
                continue;
            Func<Reply, bool> isIt = property.GetValue(null) switch
            {
                Reply reply => other => other.Wire.SequenceEqual(reply.Wire),
                ReplyTemplate template => template.Matches,
                _ => throw new InvalidOperationException($"{property.Name} is no reply."),
            };
            var (code, enhanced, text) = property.GetValue(null) switch
            {
                Reply reply => (reply.Code, reply.Enhanced, string.Join(" / ", reply.Lines)),
                ReplyTemplate template => (template.Code, template.Enhanced, template.With("…").Lines[0]),
                _ => default,
            };
            rows.Add(new Row(property.Name, code, enhanced, text, situations[property.Name], Shown(property.Name, said.Where(s => isIt(s.Reply)))));
            said.RemoveAll(s => isIt(s.Reply));
        }
        // What is left has lines that only the situation knows.
        foreach (var method in typeof(ReplyCatalogue).GetMethods(BindingFlags.Public | BindingFlags.Static).Where(static method => !method.IsSpecialName))
        {
            var made = (Reply)method.Invoke(null, [method.GetParameters()[0].ParameterType == typeof(string) ? "…" : new[] { "…" }])!;
            rows.Add(new Row(method.Name, made.Code, made.Enhanced, string.Join(" / ", made.Lines), situations[method.Name], Shown(method.Name, said.Where(s => s.Reply.Code == made.Code && s.Reply.Enhanced == made.Enhanced))));
        }
        return rows;
    }

    private static List<string> Shown(string name, IEnumerable<(string File, Reply Reply)> said) =>
        shownByTests.TryGetValue(name, out var test) ? [test] : [.. said.Select(static s => s.File).Distinct(StringComparer.Ordinal)];

    // The replies that the scripts have the server say.
    private static IEnumerable<(string File, Reply Reply)> Scripts()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Dialogues");
        foreach (var file in Directory.GetFiles(folder, "*.smtp", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, file);
            if (name.StartsWith("Client", StringComparison.Ordinal))
                continue;
            var lines = File.ReadLines(file).Where(static line => line.StartsWith("S: ", StringComparison.Ordinal) && line[3] != '<').Select(static line => line[3..]);
            foreach (var reply in ReplyLines.Read(lines))
                yield return (name, reply);
        }
    }

    // The summaries of the catalogue, of which nobody writes a second version.
    private static Dictionary<string, string> Situations()
    {
        var members = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "Postrider.Smtp.xml")).Descendants("member");
        return members
            .Select(static member => (Name: MemberName().Match(member.Attribute("name")!.Value), Member: member))
            .Where(static named => named.Name.Success)
            .ToDictionary(static named => named.Name.Groups[1].Value, static named => Summary(named.Member), StringComparer.Ordinal);
    }

    private static string Summary(XElement member) => Space().Replace(member.Element("summary")!.Value, " ").Trim().TrimEnd('.');

    [GeneratedRegex(@"^[PM]:Postrider\.Smtp\.Replies\.ReplyCatalogue\.(\w+)")]
    private static partial Regex MemberName();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    private sealed record Row(string Name, int Code, EnhancedStatusCode Enhanced, string Text, string Situation, IReadOnlyList<string> ShownBy);
}
