using System.Diagnostics.CodeAnalysis;
using System.Text;
using Postrider.Smtp.Grammar;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Extensions;

/// <summary>The argument of XCLIENT and XFORWARD: NAME=value with values in xtext, of which some say that they are not known.</summary>
internal static class ClientAttributes
{
    // What either of Postfix's documents allows; what a message's header could take for syntax is not in it.
    private const int LongestValue = 255;

    /// <summary>Reads all of them, null for a value that is not known.</summary>
    /// <param name="argument">What stands behind the verb.</param>
    /// <param name="known">The names that there are.</param>
    /// <param name="attributes">What was read, by name.</param>
    /// <returns>What is wrong, or null.</returns>
    public static Reply? Read(ReadOnlySpan<byte> argument, IReadOnlyList<string> known, out Dictionary<string, string?> attributes)
    {
        attributes = new Dictionary<string, string?>(StringComparer.Ordinal);
        if (argument.IsEmpty)
            return Wrong("none is given", known);
        foreach (var range in argument.Split((byte)' '))
        {
            var attribute = argument[range];
            if (attribute.IsEmpty)
                continue;
            var equals = attribute.IndexOf((byte)'=');
            var name = equals < 0 ? attribute : attribute[..equals];
            if (!TryFind(name, known, out var found))
                return Wrong("one is not known here", known);
            if (equals < 0 || !TryRead(attribute[(equals + 1)..], out var value))
                return Wrong($"{found} has no value in xtext", known);
            if (!attributes.TryAdd(found, value))
                return Wrong($"{found} is given twice", known);
        }
        return null;
    }

    /// <summary>The refusal of a value that is not of its kind.</summary>
    public static Reply NotRight(string name, string expected) => ReplyCatalogue.ClientAttribute.With($"{name} takes {expected}");

    private static Reply Wrong(string what, IReadOnlyList<string> known) =>
        ReplyCatalogue.ClientAttribute.With($"{what}; the attributes are {string.Join(' ', known)}");

    private static bool TryFind(ReadOnlySpan<byte> name, IReadOnlyList<string> known, [NotNullWhen(true)] out string? found)
    {
        foreach (var candidate in known)
        {
            if (Ascii.EqualsIgnoreCase(name, candidate))
            {
                found = candidate;
                return true;
            }
        }
        found = null;
        return false;
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out string? value)
    {
        value = null;
        if (text.IsEmpty || !Xtext.TryDecode(text, out var octets) || octets.Length > LongestValue)
            return false;
        foreach (var octet in octets)
        {
            if (octet is <= 32 or >= 127)
                return false;
        }
        if (!Ascii.EqualsIgnoreCase(octets, "[UNAVAILABLE]"u8) && !Ascii.EqualsIgnoreCase(octets, "[TEMPUNAVAIL]"u8))
            value = Encoding.ASCII.GetString(octets);
        return true;
    }
}
