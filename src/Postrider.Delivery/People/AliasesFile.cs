using System.Buffers;
using System.Globalization;
using System.Text;

namespace Postrider.Delivery.People;

/// <summary>One alias of a classic file.</summary>
/// <param name="Line">The line that its name stands on, from 1.</param>
/// <param name="Name">Its name.</param>
/// <param name="Targets">Where its mail goes.</param>
public sealed record FileAlias(int Line, string Name, IReadOnlyList<string> Targets);

/// <summary>
/// The classic file of aliases, as <c>aliases(5)</c> describes it: <c>name: address, address</c>, lines that go on with
/// white space, remarks behind <c>#</c>, quoted names, and <c>:include:/file</c>. Programs and files as targets are not
/// for a mail server that runs nothing on a sender's behalf: they are mistakes.
/// </summary>
public static class AliasesFile
{
    /// <summary>Characters of a file that is included, at most: 4 million.</summary>
    public const int LongestInclude = 4_000_000;

    private static readonly SearchValues<char> neverInAtom = SearchValues.Create(" ,;<>()[]");

    /// <summary>Reads a file.</summary>
    /// <param name="text">What is in it.</param>
    /// <param name="include">Gives the text of an included file, or throws an <see cref="IOException"/> whose message says why not.</param>
    /// <param name="mistakes">Where mistakes go, each with its line.</param>
    public static IReadOnlyList<FileAlias> Parse(string text, Func<string, string> include, ICollection<(int Line, string Reason)> mistakes)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(include);
        ArgumentNullException.ThrowIfNull(mistakes);
        var aliases = new List<FileAlias>();
        foreach (var (line, logical) in LogicalLines(text, mistakes))
        {
            var colon = EndOfName(logical);
            if (colon <= 0)
            {
                mistakes.Add((line, $"\"{Shorten(logical)}\" is not an alias; give a name, a colon and addresses: info: anna, bob@example.org."));
                continue;
            }
            var targets = new List<string>();
            var isRight = true;
            foreach (var item in Items(logical[(colon + 1)..]))
                isRight &= AddTarget(item, line, include, targets, mistakes);
            if (isRight)
                aliases.Add(new FileAlias(line, Unquote(logical[..colon].Trim()), targets));
        }
        return aliases;
    }

    private static IEnumerable<(int Line, string Text)> LogicalLines(string text, ICollection<(int Line, string Reason)> mistakes)
    {
        StringBuilder? logical = null;
        var (number, start) = (0, 0);
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd();
            var content = line.TrimStart();
            if (content.Length == 0 || content[0] == '#')
                continue;
            if (content.Length == line.Length)
            {
                if (logical is not null)
                    yield return (start, logical.ToString());
                (logical, start) = (new StringBuilder(line), number);
            }
            else if (logical is null)
                mistakes.Add((number, "goes on with an alias, and there is none before it."));
            else
                logical.Append(' ').Append(content);
        }
        if (logical is not null)
            yield return (start, logical.ToString());
    }

    private static bool AddTarget(string item, int line, Func<string, string> include, List<string> targets, ICollection<(int Line, string Reason)> mistakes)
    {
        const string Include = ":include:";
        var target = Unquote(item);
        if (target.StartsWith(Include, StringComparison.OrdinalIgnoreCase))
            return AddIncluded(Unquote(target[Include.Length..].Trim()), line, include, targets, mistakes);
        if (Refuse(target) is { } reason)
        {
            mistakes.Add((line, $"\"{Shorten(item)}\" {reason}"));
            return false;
        }
        // A backslash says that the name is not looked up again: it is the name's own mailbox.
        targets.Add(target is ['\\', .. var own] ? own : target);
        return true;
    }

    private static bool AddIncluded(string file, int line, Func<string, string> include, List<string> targets, ICollection<(int Line, string Reason)> mistakes)
    {
        string text;
        try
        {
            text = include(file);
        }
        catch (IOException e)
        {
            mistakes.Add((line, $":include: {e.Message}"));
            return false;
        }
        if (text.Length > LongestInclude)
        {
            mistakes.Add((line, string.Create(CultureInfo.InvariantCulture, $":include: {file} is longer than {LongestInclude} characters.")));
            return false;
        }
        var (isRight, number) = (true, 0);
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var content = raw.Trim();
            if (content.Length == 0 || content[0] == '#')
                continue;
            foreach (var item in Items(content))
            {
                var target = Unquote(item);
                var reason = target.StartsWith(":include:", StringComparison.OrdinalIgnoreCase) ? "is included from a file that is itself included; name it in the alias." : Refuse(target);
                if (reason is null)
                {
                    targets.Add(target is ['\\', .. var own] ? own : target);
                    continue;
                }
                mistakes.Add((line, string.Create(CultureInfo.InvariantCulture, $":include: {file}, line {number}: \"{Shorten(item)}\" {reason}")));
                isRight = false;
            }
        }
        return isRight;
    }

    private static string? Refuse(string target) => target switch
    {
        ['|', ..] => "is a program, and none is run for an alias; give an address.",
        ['/', ..] => "is a file, and none is written to for an alias; give the address of a user.",
        _ => null,
    };

    // The colon behind a name that may be quoted.
    private static int EndOfName(string line)
    {
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\' && isQuoted)
                i++;
            else if (line[i] == '"')
                isQuoted = !isQuoted;
            else if (line[i] == ':' && !isQuoted)
                return i;
        }
        return -1;
    }

    private static IEnumerable<string> Items(string text)
    {
        var (start, isQuoted, isInBrackets) = (0, false, false);
        for (var i = 0; i <= text.Length; i++)
        {
            var c = i < text.Length ? text[i] : ',';
            if (c == '\\' && isQuoted && i + 1 < text.Length)
                i++;
            else if (c == '"')
                isQuoted = !isQuoted;
            else if (c is '<' or '>' && !isQuoted)
                isInBrackets = c == '<';
            else if (i == text.Length || (c == ',' && !isQuoted && !isInBrackets))
            {
                if (text[start..i].Trim() is { Length: > 0 } item)
                    yield return item;
                start = i + 1;
            }
        }
    }

    // "john doe" is a name with a space in it; "john doe"@example.org keeps its quotes, which belong to the address.
    private static string Unquote(string text) =>
        text is ['"', .. var inner, '"'] && !inner.Contains('"', StringComparison.Ordinal) && !IsLocalPartThatNeedsQuotes(inner) ? inner : text;

    private static bool IsLocalPartThatNeedsQuotes(string text) =>
        text.Length > 0 && text[0] is not ('|' or '/' or ':') && text.AsSpan().ContainsAny(neverInAtom) && !text.Contains('@', StringComparison.Ordinal);

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
