using System.Globalization;
using Postrider.Smtp.Replies;

namespace Postrider.Tests.Smtp.Replies;

/// <summary>Replies read from the lines of a transcript.</summary>
internal static class ReplyLines
{
    public static IEnumerable<Reply> Read(IEnumerable<string> lines)
    {
        var texts = new List<string>();
        foreach (var line in lines)
        {
            var rest = line[4..];
            if (EnhancedStatusCode.TryParse(rest, out var enhanced, out var length))
                rest = rest[length..].TrimStart();
            texts.Add(rest);
            if (line[3] == '-')
                continue;
            yield return new Reply(int.Parse(line.AsSpan(0, 3), CultureInfo.InvariantCulture), enhanced, texts.ToArray());
            texts.Clear();
        }
    }
}
