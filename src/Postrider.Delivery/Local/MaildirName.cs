using System.Globalization;
using System.Text;
using Postrider.Queue.Spool;

namespace Postrider.Delivery.Local;

/// <summary>
/// The name of a delivered file: <c>1763762291.00000400000a7.mx.example.org</c>, when the message
/// arrived, its name in the spool, and the host. The same message has the same name in a mailbox
/// however often it is delivered there. Mail readers add their flags behind it in <c>cur/</c>.
/// </summary>
internal static class MaildirName
{
    public static string Of(StoredEnvelope envelope, string host) =>
        string.Create(CultureInfo.InvariantCulture, $"{envelope.Arrived.ToUnixTimeSeconds()}.{envelope.Message}.{host}");

    /// <summary>A host name as it may stand in a file name: letters, digits, dots, hyphens; of the rest each an underscore.</summary>
    public static string HostPart(string host)
    {
        var part = new StringBuilder(host.Length);
        foreach (var c in host)
            part.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? char.ToLowerInvariant(c) : '_');
        return part.Length == 0 ? "localhost" : part.ToString();
    }

    /// <summary>Reads a name that this program gave, with whatever flags stand behind it. False for a stranger's.</summary>
    public static bool TryParse(string fileName, out MaildirNameKey key)
    {
        key = default;
        var name = fileName.AsSpan();
        var dot = name.IndexOf('.');
        if (dot <= 0
            || !long.TryParse(name[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || name.Length < dot + 2 + SpoolId.TextLength
            || name[dot + 1 + SpoolId.TextLength] != '.'
            || !SpoolId.TryParse(name.Slice(dot + 1, SpoolId.TextLength), out var message))
            return false;
        key = new MaildirNameKey(seconds, message);
        return true;
    }
}

/// <summary>What tells the messages of a mailbox apart, oldest first in order.</summary>
internal readonly record struct MaildirNameKey(long Seconds, SpoolId Message) : IComparable<MaildirNameKey>
{
    public int CompareTo(MaildirNameKey other) =>
        Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Message.CompareTo(other.Message);
}
