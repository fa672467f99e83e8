using System.Text;
using System.Text.Unicode;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>The argument of VRFY and EXPN: a name, which may hold spaces, and perhaps SMTPUTF8 behind it (RFC 6531 §3.7.4.2).</summary>
internal static class NameArgument
{
    /// <summary>Reads it; the refusal where it is wrong, or null.</summary>
    public static Reply? Read(ReadOnlySpan<byte> argument, string verb, Conversation conversation, Reply missing, out string name, out bool smtpUtf8)
    {
        (name, smtpUtf8) = ("", false);
        // Only a last word that is the parameter counts as one.
        var space = argument.LastIndexOf((byte)' ');
        if (space > 0 && Ascii.EqualsIgnoreCase(argument[(space + 1)..], "SMTPUTF8"u8)
            && conversation.Settings.Extensions.FindParameter(verb, "SMTPUTF8") is not null)
        {
            smtpUtf8 = true;
            argument = argument[..space].TrimEnd((byte)' ');
        }
        if (argument.IsEmpty)
            return missing;
        if (!Ascii.IsValid(argument) && !smtpUtf8)
            return ReplyCatalogue.AddressNotAscii;
        if (!Utf8.IsValid(argument))
            return ReplyCatalogue.NotUtf8;
        name = Encoding.UTF8.GetString(argument);
        return null;
    }
}
