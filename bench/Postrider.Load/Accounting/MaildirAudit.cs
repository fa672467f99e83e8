using Postrider.Load.Content;

namespace Postrider.Load.Accounting;

/// <summary>Reads what lies in a Maildir, with either kind of line end.</summary>
internal static class MaildirAudit
{
    private static readonly string[] Folders = ["new", "cur"];

    /// <summary>How many messages lie in it.</summary>
    public static int Count(string maildir) => Files(maildir).Count();

    /// <summary>Notes each message in it.</summary>
    /// <param name="maildir">The folder that has new and cur in it.</param>
    /// <param name="address">Which address of the plan it belongs to.</param>
    /// <param name="arrivals">Where they are noted.</param>
    public static void Note(string maildir, int address, ArrivalLedger arrivals)
    {
        foreach (var file in Files(maildir))
        {
            ReadOnlySpan<byte> content = File.ReadAllBytes(file);
            var (end, skip) = content.IndexOf("\n\n"u8) is var bare and >= 0 && (content.IndexOf("\n\r\n"u8) is not (var full and >= 0) || bare < full)
                ? (bare + 1, 1)
                : (content.IndexOf("\n\r\n"u8) + 1, 2);
            var header = content[..end];
            var body = end == 0 ? [] : content[(end + skip)..];
            var (length, crc) = Canonical(body);
            arrivals.Note(header, length, crc, address, () => file);
        }
    }

    private static (long Length, uint Crc) Canonical(ReadOnlySpan<byte> body)
    {
        var checksum = new Checksum();
        long length = 0;
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? [] : body[(end + 1)..];
            if (line.EndsWith("\r"u8))
                line = line[..^1];
            checksum.Add(line);
            length += line.Length;
            if (end < 0)
                break;
            checksum.Add("\r\n"u8);
            length += 2;
        }
        return (length, checksum.Value);
    }

    private static IEnumerable<string> Files(string maildir) =>
        Folders.Select(f => Path.Combine(maildir, f)).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles);
}
