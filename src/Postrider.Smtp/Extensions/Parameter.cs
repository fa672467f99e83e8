using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// Reads the value of a parameter into a transaction that is about to begin, or into its candidate
/// recipient. Null when all is well.
/// </summary>
/// <param name="value">What stands behind the equals sign.</param>
/// <param name="hasValue">Whether there is an equals sign.</param>
/// <param name="conversation">The session it came in.</param>
/// <param name="transaction">What it is read into.</param>
internal delegate Reply? ParameterReader(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction);

/// <summary>A parameter of a verb, which one extension owns (RFC 5321 §4.1.1.11).</summary>
/// <param name="Verb">The verb it belongs to.</param>
/// <param name="Keyword">Its keyword, in upper case.</param>
/// <param name="LineIncrease">By how many octets it raises the limit of the command line.</param>
/// <param name="Read">Reads its value.</param>
internal sealed record Parameter(string Verb, string Keyword, int LineIncrease, ParameterReader Read)
{
    /// <summary>How it is written, for HELP; as its keyword where it takes no value.</summary>
    public string Syntax { get; init; } = Keyword;
}
