using System.Text;

namespace Postrider.FunctionalTests;

/// <summary>Reads what a server delivered.</summary>
public static class Maildir
{
    /// <summary>Waits for a number of messages and gives them, in no order, with CR LF line ends.</summary>
    /// <param name="folder">The folder that has new in it.</param>
    /// <param name="count">How many.</param>
    public static async Task<IReadOnlyList<byte[]>> ReadAsync(string folder, int count)
    {
        var arrived = Path.Combine(folder, "new");
        await Eventually.TrueAsync(() => Files(arrived).Length >= count, () => $"{arrived} holds {Files(arrived).Length} messages, not {count}");
        return [.. Files(arrived).Select(file => Canonical(File.ReadAllBytes(file)))];
    }

    /// <summary>Waits for one message.</summary>
    public static async Task<byte[]> ReadOneAsync(string folder) => Assert.Single(await ReadAsync(folder, 1));

    /// <summary>Waits for one message that is written in place, so that it is there before it is whole.</summary>
    /// <param name="folder">The folder that has new in it.</param>
    /// <param name="end">How it ends.</param>
    public static async Task<byte[]> ReadOneAsync(string folder, string end)
    {
        byte[] content = [];
        await Eventually.TrueAsync(
            async () => (content = await ReadOneAsync(folder)).AsSpan().EndsWith(Encoding.Latin1.GetBytes(end)),
            () => $"no message ends with \"{end}\", not with \"{Encoding.Latin1.GetString(content.AsSpan(Math.Max(content.Length - 40, 0)))}\"");
        return content;
    }

    private static string[] Files(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder) : [];

    // Servers store either kind of line end; a lone CR or LF is never in what these tests send.
    private static byte[] Canonical(byte[] content)
    {
        var text = Encoding.Latin1.GetString(content);
        return Encoding.Latin1.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));
    }
}
