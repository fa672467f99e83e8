using System.Text.RegularExpressions;

namespace Postrider.Tests.Architecture;

/// <summary>Documents that name files are kept true.</summary>
public sealed partial class DocumentTests
{
    [Theory]
    [InlineData("ARCHITECTURE.md", 15)]
    [InlineData("README.md", 3)]
    [InlineData("CONTRIBUTING.md", 2)]
    public void Every_path_that_a_document_names_exists(string document, int atLeast)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, document));
        var paths = PathInBackticks().Matches(text).Select(match => match.Groups[1].Value)
            .Concat(Link().Matches(text).Select(match => match.Groups[1].Value))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        Assert.True(paths.Count >= atLeast, $"{document} names {paths.Count} paths; this test expects to find {atLeast}.");
        Assert.Empty(paths.Where(path => !Path.Exists(Path.Combine(Repository.Root, path))));
    }

    [Fact]
    public void Decisions_have_a_number_each_and_no_number_twice()
    {
        var names = Directory.GetFiles(Path.Combine(Repository.Root, "docs", "decisions"), "*.md").Select(Path.GetFileName).ToList();
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Matches("^[0-9]{4}-[a-z0-9-]+\\.md$", name));
        Assert.Equal(names.Count, names.Select(name => name![..4]).Distinct(StringComparer.Ordinal).Count());
    }

    // `src/…`, `tests/…`, `docs/…`, `bench/…`, `.ci/…` in backticks, without a placeholder.
    [GeneratedRegex(@"`((?:src|tests|docs|bench|build|\.ci)/[^`*<> ]*)`")]
    private static partial Regex PathInBackticks();

    [GeneratedRegex(@"\]\(([^)#:]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
