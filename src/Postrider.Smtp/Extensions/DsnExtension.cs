using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Grammar;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>DSN (RFC 3461): the sender says of what it wants reports, how much they give back, and by which names.</summary>
public sealed class DsnExtension : SmtpExtension
{
    internal const string Name = "DSN";

    // RFC 3461 §4.4 and §4.2.
    private const int LongestEnvelopeId = 100;
    private const int LongestOriginalRecipient = 500;

    /// <summary>Offers it.</summary>
    public DsnExtension()
        : base(Name)
    {
    }

    // RFC 3461 §5: each as long as it can be, with the space before it.
    internal override IReadOnlyList<Parameter> Parameters { get; } =
    [
        new("MAIL", "RET", 9, ReadReturn) { Syntax = "RET=FULL|HDRS" },
        new("MAIL", "ENVID", 7 + LongestEnvelopeId, ReadEnvelopeId) { Syntax = "ENVID=text" },
        new("RCPT", "NOTIFY", 29, ReadNotify) { Syntax = "NOTIFY=NEVER|[SUCCESS][,FAILURE][,DELAY]" },
        new("RCPT", "ORCPT", 7 + LongestOriginalRecipient, ReadOriginalRecipient) { Syntax = "ORCPT=type;address" },
    ];

    private static Reply? ReadReturn(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        if (Ascii.EqualsIgnoreCase(value, "FULL"u8))
            transaction.Return = ReturnContent.Full;
        else if (Ascii.EqualsIgnoreCase(value, "HDRS"u8))
            transaction.Return = ReturnContent.Headers;
        else
            return ReplyCatalogue.ParameterValue.With("RET takes FULL or HDRS");
        return null;
    }

    private static Reply? ReadEnvelopeId(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        if (value.IsEmpty || value.Length > LongestEnvelopeId || !Xtext.TryDecode(value, out var id) || !IsPrintable(id))
            return ReplyCatalogue.ParameterValue.With("ENVID takes 1 to 100 characters of xtext that stand for printable ones");
        transaction.EnvelopeId = Encoding.ASCII.GetString(id);
        return null;
    }

    private static Reply? ReadNotify(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        var wanted = Notifications.Unspecified;
        var isFirst = true;
        foreach (var range in value.Split((byte)','))
        {
            var word = value[range];
            var one = Ascii.EqualsIgnoreCase(word, "SUCCESS"u8) ? Notifications.Success
                : Ascii.EqualsIgnoreCase(word, "FAILURE"u8) ? Notifications.Failure
                : Ascii.EqualsIgnoreCase(word, "DELAY"u8) ? Notifications.Delay
                : Ascii.EqualsIgnoreCase(word, "NEVER"u8) && isFirst && word.Length == value.Length ? Notifications.Never
                : Notifications.Unspecified;
            if (one == Notifications.Unspecified || (wanted & one) != 0)
                return ReplyCatalogue.ParameterValue.With("NOTIFY takes NEVER, or SUCCESS, FAILURE and DELAY with commas between them");
            wanted |= one;
            isFirst = false;
        }
        transaction.Candidate = transaction.Candidate! with { Notify = wanted };
        return null;
    }

    private static Reply? ReadOriginalRecipient(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        var semicolon = value.IndexOf((byte)';');
        if (value.Length > LongestOriginalRecipient || semicolon <= 0 || !Characters.IsAtom(value[..semicolon]))
            return BadOriginalRecipient();
        var type = Encoding.ASCII.GetString(value[..semicolon]);
        var address = value[(semicolon + 1)..];
        var text = string.Equals(type, "utf-8", StringComparison.OrdinalIgnoreCase)
            ? UnicodeAddress.Decode(address)
            : Xtext.TryDecode(address, out var octets) && IsPrintable(octets) ? Encoding.ASCII.GetString(octets) : null;
        if (string.IsNullOrEmpty(text))
            return BadOriginalRecipient();
        transaction.Candidate = transaction.Candidate! with { OriginalRecipient = new OriginalRecipient(type, text) };
        return null;
    }

    private static Reply BadOriginalRecipient() =>
        ReplyCatalogue.ParameterValue.With("ORCPT takes a type, a semicolon and the address in xtext, 500 characters at most");

    // RFC 3461 §4.2, §4.4: printable characters and space, so that it can stand in a field of a report.
    private static bool IsPrintable(ReadOnlySpan<byte> octets) => !octets.IsEmpty && !octets.ContainsAnyExceptInRange((byte)' ', (byte)'~');
}

/// <summary>DSN (RFC 3461), the client's half: hands on what the sender wants to be told.</summary>
public sealed class DsnClientExtension : ClientExtension
{
    /// <inheritdoc/>
    public override string Keyword => DsnExtension.Name;

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var envelope = transaction.Envelope;
        if (envelope.Return == ReturnContent.Full)
            command.Write(" RET=FULL"u8);
        else if (envelope.Return == ReturnContent.Headers)
            command.Write(" RET=HDRS"u8);
        if (envelope.EnvelopeId is { } id)
        {
            command.Write(" ENVID="u8);
            Xtext.Write(id, command);
        }
    }

    /// <inheritdoc/>
    public override void WriteRecipientParameters(EnvelopeRecipient recipient, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        ArgumentNullException.ThrowIfNull(command);
        if (recipient.Notify != Notifications.Unspecified)
        {
            command.Write(" NOTIFY="u8);
            var isFirst = true;
            WriteWord(Notifications.Never, "NEVER"u8);
            WriteWord(Notifications.Success, "SUCCESS"u8);
            WriteWord(Notifications.Failure, "FAILURE"u8);
            WriteWord(Notifications.Delay, "DELAY"u8);

            void WriteWord(Notifications word, ReadOnlySpan<byte> text)
            {
                if ((recipient.Notify & word) == 0)
                    return;
                if (!isFirst)
                    command.Write(","u8);
                isFirst = false;
                command.Write(text);
            }
        }
        if (recipient.OriginalRecipient is { } original)
        {
            command.Write(" ORCPT="u8);
            Encoding.ASCII.GetBytes(original.AddressType, command);
            command.Write(";"u8);
            if (Ascii.IsValid(original.Address))
                Xtext.Write(original.Address, command);
            else
                UnicodeAddress.Write(original.Address, command);
        }
    }
}
