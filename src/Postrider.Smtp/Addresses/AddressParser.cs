using System.Diagnostics.CodeAnalysis;
using System.Text;
using Postrider.Smtp.Grammar;

namespace Postrider.Smtp.Addresses;

/// <summary>
/// Reads mailboxes and paths (RFC 5321 §4.1.2, §4.1.3, with the UTF-8 of RFC 6531 §3.3). A failure is a
/// value that says what is wrong and where; nothing throws.
/// </summary>
public static class AddressParser
{
    /// <summary>Reads a mailbox without brackets, all of the text, as a configuration or a command line has it.</summary>
    public static bool TryParseMailbox(string text, [NotNullWhen(true)] out Mailbox? mailbox, out AddressError error)
    {
        ArgumentNullException.ThrowIfNull(text);
        var octets = Encoding.UTF8.GetBytes(text);
        var reader = new PathReader(octets, AddressLimits.Rfc5321);
        mailbox = reader.ReadWholeMailbox();
        error = reader.Error;
        return mailbox is not null;
    }

    /// <summary>
    /// Reads the reverse-path at the start of a text: <c>&lt;&gt;</c>, or a mailbox in brackets, before which
    /// a source route is accepted and dropped (RFC 5321 §4.1.1.2, appendix C).
    /// </summary>
    /// <param name="text">The argument of MAIL behind FROM:.</param>
    /// <param name="limits">How long its parts may be.</param>
    /// <param name="path">The path read.</param>
    /// <param name="length">How many octets it takes; behind them is the end or a space.</param>
    /// <param name="error">What is wrong, where the result is false.</param>
    /// <param name="defaultDomain">The domain of a mailbox without one (RFC 6409 §4.2); null where that is a mistake.</param>
    public static bool TryParseReversePath(
        ReadOnlySpan<byte> text, AddressLimits limits, out ReversePath path, out int length, out AddressError error, string? defaultDomain = null)
    {
        var reader = new PathReader(text, limits) { DefaultDomain = defaultDomain };
        var read = reader.ReadPath(allowNull: true, allowBarePostmaster: false, out var mailbox);
        path = new ReversePath(mailbox);
        length = reader.Position;
        error = reader.Error;
        return read;
    }

    /// <summary>
    /// Reads the forward-path at the start of a text: a mailbox in brackets, its source route dropped, or
    /// <c>&lt;postmaster&gt;</c> in any case (RFC 5321 §4.1.1.3).
    /// </summary>
    /// <param name="text">The argument of RCPT behind TO:.</param>
    /// <param name="limits">How long its parts may be.</param>
    /// <param name="mailbox">The mailbox read.</param>
    /// <param name="length">How many octets it takes; behind them is the end or a space.</param>
    /// <param name="error">What is wrong, where the result is false.</param>
    /// <param name="defaultDomain">The domain of a mailbox without one (RFC 6409 §4.2); null where that is a mistake.</param>
    public static bool TryParseForwardPath(
        ReadOnlySpan<byte> text, AddressLimits limits, [NotNullWhen(true)] out Mailbox? mailbox, out int length, out AddressError error, string? defaultDomain = null)
    {
        var reader = new PathReader(text, limits) { DefaultDomain = defaultDomain };
        reader.ReadPath(allowNull: false, allowBarePostmaster: true, out mailbox);
        length = reader.Position;
        error = reader.Error;
        return mailbox is not null;
    }
}
