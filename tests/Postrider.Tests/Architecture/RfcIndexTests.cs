using System.Text;
using System.Text.RegularExpressions;

namespace Postrider.Tests.Architecture;

/// <summary>docs/rfc-index.tsv says where each section of an RFC is carried out; it is what the sources say of themselves.</summary>
public sealed partial class RfcIndexTests
{
    private const string Heading = "RFC\tsection\tfile\n";

    // What RFC 5321 asks of every server and client, and what RFC 821 had beyond it.
    private static readonly string[] core =
    [
        "5321\t2.3.5", "5321\t2.3.8", "5321\t2.4", "5321\t3.1", "5321\t3.2", "5321\t3.3", "5321\t3.4", "5321\t3.5.1", "5321\t3.5.3",
        "5321\t3.6.2", "5321\t3.8", "5321\t3.9.1", "5321\t3.9.2", "5321\t4.1.1.1", "5321\t4.1.1.2", "5321\t4.1.1.3", "5321\t4.1.1.4",
        "5321\t4.1.1.5", "5321\t4.1.1.6", "5321\t4.1.1.7", "5321\t4.1.1.8", "5321\t4.1.1.9", "5321\t4.1.1.10", "5321\t4.1.1.11",
        "5321\t4.1.2", "5321\t4.1.3", "5321\t4.1.4", "5321\t4.2", "5321\t4.2.1", "5321\t4.2.2", "5321\t4.2.3", "5321\t4.3.1", "5321\t4.3.2",
        "5321\t4.4", "5321\t4.5.1", "5321\t4.5.2", "5321\t4.5.3.1.1", "5321\t4.5.3.1.2", "5321\t4.5.3.1.3", "5321\t4.5.3.1.4", "5321\t4.5.3.1.5",
        "5321\t4.5.3.1.6", "5321\t4.5.3.1.7", "5321\t4.5.3.1.8", "5321\t4.5.3.1.9", "5321\t4.5.3.1.10", "5321\t4.5.3.2.1", "5321\t4.5.3.2.2",
        "5321\t4.5.3.2.3", "5321\t4.5.3.2.4", "5321\t4.5.3.2.5", "5321\t4.5.3.2.6", "5321\t4.5.3.2.7", "5321\t4.5.4.1", "5321\t4.5.4.2",
        "5321\t4.5.5", "5321\t5.1", "5321\t6.1", "5321\t6.3", "5321\t7.2", "5321\t7.3", "821\t3.4", "821\t3.8",
    ];

    [Fact]
    public void The_index_is_what_the_sources_say() =>
        WrittenDocument.AssertIs("rfc-index.tsv", Heading + string.Concat(Rows().Select(static row => $"{row.Rfc}\t{row.Section}\t{row.File}\n")));

    [Fact]
    public void The_sections_that_every_server_and_client_needs_are_in_it()
    {
        var there = Rows().Select(static row => $"{row.Rfc}\t{row.Section}").ToHashSet(StringComparer.Ordinal);
        Assert.Empty(core.Where(section => !there.Contains(section)));
    }

    private static IEnumerable<(int Rfc, string Section, string File)> Rows()
    {
        var source = Path.Combine(Repository.Root, "src");
        var rows = new HashSet<(int Rfc, string Section, string File)>();
        foreach (var path in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(Repository.Root, path).Replace('\\', '/');
            if (name.Contains("/obj/", StringComparison.Ordinal) || name.Contains("/bin/", StringComparison.Ordinal))
                continue;
            // A comment that is broken into lines is one text.
            var text = LineOfComment().Replace(File.ReadAllText(path), " ");
            foreach (Match match in Mention().Matches(text))
            {
                foreach (Capture section in match.Groups["section"].Captures)
                    rows.Add((int.Parse(match.Groups["rfc"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture), section.Value, name));
            }
        }
        return rows.OrderBy(static row => row.Rfc).ThenBy(static row => Order(row.Section), StringComparer.Ordinal).ThenBy(static row => row.File, StringComparer.Ordinal);
    }

    // 4.10 comes after 4.9.
    private static string Order(string section)
    {
        var order = new StringBuilder();
        foreach (var part in section.Split('.'))
            order.Append(part.PadLeft(4, '0')).Append('.');
        return order.ToString();
    }

    // RFC 5321 §3.1, §4.3.1 and §4.5; RFC 821 section 3.4; RFC 5321 appendix C.
    [GeneratedRegex(@"RFC (?<rfc>\d+)(?::? (?:§|section |sections |appendix )(?<section>[0-9A-Z]+(?:\.[0-9]+)*)(?:(?:,| and|, and) (?:§|section )(?<section>[0-9A-Z]+(?:\.[0-9]+)*))*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Mention();

    [GeneratedRegex(@"\r?\n\s*///? ?")]
    private static partial Regex LineOfComment();
}
