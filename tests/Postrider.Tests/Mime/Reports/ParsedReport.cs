using System.Text;

namespace Postrider.Tests.Mime.Reports;

/// <summary>A small reader of reports, written against the RFCs and not against the writer.</summary>
internal sealed class ParsedReport
{
    public ParsedReport(byte[] octets)
    {
        var text = Encoding.Latin1.GetString(octets);
        foreach (var line in text.Split("\r\n"))
        {
            Assert.InRange(line.Length, 0, 998);
            Assert.DoesNotContain(line, c => c is '\r' or '\n' or '\0');
        }
        var (header, body) = Split(text);
        Header = header;
        IsEightBit = text.Any(c => c > 127);

        // RFC 2046 §5.1.1.
        var type = header.Single(f => f.Name == "content-type").Value;
        Boundary = type[(type.IndexOf("boundary=\"", StringComparison.Ordinal) + 10)..].TrimEnd('"');
        var delimited = ("\r\n" + body).Split($"\r\n--{Boundary}");
        Assert.Equal("--\r\n", delimited[^1]);
        foreach (var part in delimited[1..^1])
        {
            Assert.StartsWith("\r\n", part, StringComparison.Ordinal);
            var (partHeader, partBody) = Split(part[2..]);
            Parts.Add((partHeader, partBody));
        }
    }

    public List<(string Name, string Value)> Header { get; }

    public string Boundary { get; }

    public bool IsEightBit { get; }

    public List<(List<(string Name, string Value)> Header, string Body)> Parts { get; } = [];

    /// <summary>The groups of fields in the status part: the message's, then each recipient's (RFC 3464 §2.1).</summary>
    public List<List<(string Name, string Value)>> Status =>
        [.. Parts[1].Body.TrimEnd('\r', '\n').Split("\r\n\r\n").Select(group => Fields(group + "\r\n"))];

    public string this[string name] => Header.Single(f => f.Name == name).Value;

    public static string Value(List<(string Name, string Value)> fields, string name) => fields.Single(f => f.Name == name).Value;

    private static (List<(string Name, string Value)> Header, string Body) Split(string text)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (Fields(text[..(end + 2)]), text[(end + 4)..]);
    }

    private static List<(string Name, string Value)> Fields(string header)
    {
        var fields = new List<(string, string)>();
        var unfolded = header.Replace("\r\n ", " ", StringComparison.Ordinal).Replace("\r\n\t", "\t", StringComparison.Ordinal);
        foreach (var line in unfolded.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            Assert.True(colon > 0, $"no field: {line}");
            fields.Add((line[..colon].ToLowerInvariant(), line[(colon + 1)..].Trim()));
        }
        return fields;
    }
}
