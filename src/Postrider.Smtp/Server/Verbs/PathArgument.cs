using System.Text;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Grammar;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server.Verbs;

/// <summary>What the arguments of MAIL and RCPT have in common: a label, a path, parameters (RFC 5321 §4.1.1.2).</summary>
internal static class PathArgument
{
    /// <summary>Takes FROM: or TO: off the start, in any case; spaces behind the colon are let pass, as everywhere in the field.</summary>
    public static bool TakeLabel(ref ReadOnlySpan<byte> argument, ReadOnlySpan<byte> label)
    {
        if (argument.Length < label.Length || !Ascii.EqualsIgnoreCase(argument[..label.Length], label))
            return false;
        argument = argument[label.Length..].TrimStart((byte)' ');
        return true;
    }

    public static AddressLimits Limits(Conversation conversation)
    {
        var limits = conversation.Settings.Limits;
        return new AddressLimits(limits.Path, limits.LocalPart, limits.Domain);
    }

    /// <summary>Reads parameters, each by its owner among the extensions that are offered; null when all is well.</summary>
    public static Outcome? ReadParameters(ReadOnlySpan<byte> text, string verb, Conversation conversation, Transaction transaction)
    {
        HashSet<string>? seen = null;
        for (var place = 1; ; place++)
        {
            text = text.TrimStart((byte)' ');
            if (text.IsEmpty)
                return null;
            if (!conversation.Facts.IsExtended)
                return Outcome.Mistake(ReplyCatalogue.ParametersNeedEhlo);
            var end = text.IndexOf((byte)' ');
            var parameter = end < 0 ? text : text[..end];
            text = text[parameter.Length..];

            var equals = parameter.IndexOf((byte)'=');
            var name = equals < 0 ? parameter : parameter[..equals];
            var value = equals < 0 ? default : parameter[(equals + 1)..];
            if (!IsKeyword(name) || !(equals < 0 || IsValue(value, transaction.SmtpUtf8)))
                return Outcome.Mistake(ReplyCatalogue.ParameterSyntax.With(place.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            var keyword = Encoding.ASCII.GetString(name).ToUpperInvariant();
            if (conversation.Settings.Extensions.FindParameter(verb, keyword) is not { } owned)
                return Outcome.Mistake(ReplyCatalogue.UnknownParameter.With(keyword));
            if (!(seen ??= new HashSet<string>(StringComparer.Ordinal)).Add(keyword))
                return Outcome.Mistake(ReplyCatalogue.ParameterTwice.With(keyword));
            if (owned.Read(value, equals >= 0, conversation, transaction) is { } refusal)
                return refusal.Code == 501 ? Outcome.Mistake(refusal) : Outcome.Refuse(refusal);
        }
    }

    // esmtp-keyword: a letter or digit, then letters, digits and hyphens.
    private static bool IsKeyword(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] == '-')
            return false;
        foreach (var octet in text)
        {
            if (!Characters.IsLetterOrDigit(octet) && octet != '-')
                return false;
        }
        return true;
    }

    // esmtp-value: any character but = and space, control characters excluded. UTF-8 stands in ORCPT (RFC 6533 §3).
    private static bool IsValue(ReadOnlySpan<byte> text, bool isInternational)
    {
        foreach (var octet in text)
        {
            if (octet is < 33 or (byte)'=' or 127 || (octet > 127 && !isInternational))
                return false;
        }
        return !text.IsEmpty;
    }
}
