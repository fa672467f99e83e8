using System.Globalization;
using System.Text;

namespace Postrider.Tests.Mime.Conversion;

/// <summary>A message of random parts, and a reader of such messages that is as plain as can be.</summary>
internal sealed class MimeTree
{
    private readonly Random random;
    private readonly List<string> leaves = [];
    private int boundaries;

    public MimeTree(Random random)
    {
        this.random = random;
        Text = Part(depth: 0, isLast: true);
    }

    /// <summary>Header and content, a character for an octet.</summary>
    public string Text { get; }

    /// <summary>The contents of the parts that hold no others.</summary>
    public IReadOnlyList<string> Leaves => leaves;

    /// <summary>The same of a message, decoded.</summary>
    public static List<string> LeavesOf(string message)
    {
        var found = new List<string>();
        Read(message, found);
        return found;
    }

    private string Part(int depth, bool isLast)
    {
        var kind = random.Next(depth < 4 ? 5 : 3);
        if (kind == 4)
            return "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: binary\r\n\r\n" + Part(depth + 1, isLast);
        if (kind == 3)
        {
            var boundary = string.Create(CultureInfo.InvariantCulture, $"=_{boundaries++}.");
            var text = new StringBuilder($"Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
            for (var i = random.Next(1, 4); i > 0; i--)
                text.Append("--").Append(boundary).Append("\r\n").Append(Part(depth + 1, isLast: false)).Append("\r\n");
            return text.Append("--").Append(boundary).Append("--").Append(isLast ? "\r\n" : "").ToString();
        }
        var content = new StringBuilder();
        for (var i = random.Next(6); i > 0; i--)
            content.Append(Piece());
        // Without a line end, the last line of a message gets one on its way.
        if (isLast)
            content.Append("\r\n");
        leaves.Add(content.ToString());
        var type = kind == 0 ? "" : kind == 1 ? "Content-Type: text/plain; charset=utf-8\r\n" : "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n";
        return type + "X-Field: some\r\n folded\r\n\r\n" + content;
    }

    private string Piece() => random.Next(9) switch
    {
        0 => "\r\n",
        1 => " \t",
        2 => "\u00fc\u00ff",
        3 => new string('x', random.Next(1100)),
        4 => "--=_",
        5 => "=3D.",
        6 => random.Next(3) == 0 ? "\n" : "\r\n",
        7 => random.Next(3) == 0 ? "\0" : "-",
        _ => "plain words with blanks \r\n",
    };

    private static void Read(string part, List<string> found)
    {
        var end = part.StartsWith("\r\n", StringComparison.Ordinal) ? 0 : part.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 2;
        var header = part[..end];
        var content = part[(end + 2)..];
        if (header.Contains("message/rfc822", StringComparison.Ordinal))
        {
            Read(content, found);
            return;
        }
        var at = header.IndexOf("boundary=\"", StringComparison.Ordinal);
        if (at >= 0)
        {
            var boundary = header[(at + 10)..header.IndexOf('"', at + 10)];
            var parts = ("\r\n" + content).Split("\r\n--" + boundary);
            foreach (var inner in parts[1..^1])
                Read(inner[2..], found);
            return;
        }
        found.Add(header.Contains("quoted-printable", StringComparison.Ordinal) ? Unquote(content)
            : header.Contains("base64", StringComparison.Ordinal) ? Encoding.Latin1.GetString(Convert.FromBase64String(content))
            : content);
    }

    private static string Unquote(string text)
    {
        var octets = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '=')
                octets.Append(text[i]);
            else if (text[i + 1] == '\r')
                i += 2;
            else
                octets.Append((char)int.Parse(text.AsSpan(++i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)).Append(text.AsSpan(++i, 0));
        }
        return octets.ToString();
    }
}
