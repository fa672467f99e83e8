using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Postrider.Delivery.Terminals;

/// <summary>
/// Who is logged in at which terminal, as the system writes it down (utmp(5)), and which of them takes messages: as
/// write(1) finds it, the one used last whose group may write to it. <c>mesg n</c> takes that bit away.
/// </summary>
/// <param name="file">The records, such as <c>/var/run/utmp</c>; where there are none, nobody is logged in.</param>
internal sealed class LoginRecords(string file)
{
    // struct utmp of glibc: type 2, padding 2, process 4, line 32, id 4, user 32, … The times at its end differ in size.
    private const int ProcessOffset = 4;
    private const int LineOffset = 8;
    private const int UserOffset = 44;
    private const int NameLength = 32;
    private const short UserProcess = 7;
    private const int MostOctets = 4 * 1024 * 1024;

    private static readonly int recordLength = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 or Architecture.Arm ? 384 : 400;

    /// <summary>The devices of a user's terminals that take messages, the one used last first.</summary>
    public IReadOnlyList<string> FindDevices(string user)
    {
        if (!OperatingSystem.IsLinux())
            return [];
        var found = new List<(string Path, DateTime Used)>();
        foreach (var line in Lines(user))
        {
            var path = $"/dev/{line}";
            try
            {
                if (File.GetUnixFileMode(path).HasFlag(UnixFileMode.GroupWrite))
                    found.Add((path, File.GetLastAccessTimeUtc(path)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The terminal has gone; its record has not yet.
            }
        }
        return [.. found.OrderByDescending(static one => one.Used).Select(static one => one.Path)];
    }

    private List<string> Lines(string user)
    {
        byte[] records;
        try
        {
            if (new FileInfo(file) is not { Exists: true, Length: <= MostOctets })
                return [];
            records = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
        var lines = new List<string>();
        for (var at = 0; at + recordLength <= records.Length; at += recordLength)
        {
            var record = records.AsSpan(at, recordLength);
            if (BinaryPrimitives.ReadInt16LittleEndian(record) != UserProcess || !string.Equals(Text(record, UserOffset), user, StringComparison.OrdinalIgnoreCase))
                continue;
            var line = Text(record, LineOffset);
            // A record that a dead session left may name a terminal that is somebody else's by now.
            var process = BinaryPrimitives.ReadInt32LittleEndian(record[ProcessOffset..]);
            if (IsLine(line) && Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}")))
                lines.Add(line);
        }
        return lines;
    }

    // tty1, pts/0: no way out of /dev.
    private static bool IsLine(string line) =>
        line.Length > 0 && line[0] != '/' && line.All(static c => char.IsAsciiLetterOrDigit(c) || c == '/');

    private static string Text(ReadOnlySpan<byte> record, int offset)
    {
        var text = record.Slice(offset, NameLength);
        var end = text.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? text : text[..end]);
    }
}
