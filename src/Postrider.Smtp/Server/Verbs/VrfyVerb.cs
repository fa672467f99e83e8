using System.Text;
using System.Text.Unicode;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>VRFY (RFC 5321 §4.1.1.6): policy says what is known of a name; of itself the server says 252 (§3.5.3).</summary>
internal static class VrfyVerb
{
    public static Outcome Run(ReadOnlySpan<byte> argument, Conversation conversation)
    {
        var name = argument;
        var internationalized = false;
        // A name may hold spaces, so only a last word that is the parameter counts as one (RFC 6531 §3.7.4.2).
        var space = name.LastIndexOf((byte)' ');
        if (space > 0 && Ascii.EqualsIgnoreCase(name[(space + 1)..], "SMTPUTF8"u8)
            && conversation.Settings.Extensions.FindParameter("VRFY", "SMTPUTF8") is not null)
        {
            internationalized = true;
            name = name[..space].TrimEnd((byte)' ');
        }

        if (name.IsEmpty)
            return Outcome.Mistake(ReplyCatalogue.VerifyNeedsName);
        if (!Ascii.IsValid(name) && !internationalized)
            return Outcome.Mistake(ReplyCatalogue.AddressNotAscii);
        if (!Utf8.IsValid(name))
            return Outcome.Mistake(ReplyCatalogue.NotUtf8);
        return Outcome.Ask(new VerifyQuestion(Encoding.UTF8.GetString(name)), Answered);
    }

    private static Outcome Answered(in Answer answer, Conversation conversation) =>
        answer.IsAccepted ? Outcome.Say(answer.Reply ?? ReplyCatalogue.CannotVerify) : Outcome.Refuse(answer.Reply!);
}
