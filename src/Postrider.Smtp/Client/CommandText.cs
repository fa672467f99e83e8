using System.Buffers;
using System.Text;
using Postrider.Smtp.Addresses;

namespace Postrider.Smtp.Client;

/// <summary>Addresses as commands carry them; nothing in an address ends its command or its angle brackets.</summary>
internal static class CommandText
{
    /// <summary>Whether a mailbox can stand in a command: no control characters, no space or bracket in its domain, no lone surrogate.</summary>
    public static bool CanWrite(Mailbox mailbox) =>
        !mailbox.LocalPart.AsSpan().ContainsAnyInRange('\0', '\x1f')
        && !mailbox.LocalPart.Contains('\x7f', StringComparison.Ordinal)
        && !mailbox.Domain.AsSpan().ContainsAnyInRange('\0', ' ')
        && !mailbox.Domain.AsSpan().ContainsAny("<>\x7f")
        && !HasLoneSurrogate(mailbox.LocalPart)
        && !HasLoneSurrogate(mailbox.Domain);

    public static void Write(Mailbox? mailbox, IBufferWriter<byte> commands)
    {
        if (mailbox is not null)
            Encoding.UTF8.GetBytes(mailbox.ToString(), commands);
    }

    // It would be written as U+FFFD, which is another address.
    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                return true;
            i++;
        }
        return false;
    }
}
