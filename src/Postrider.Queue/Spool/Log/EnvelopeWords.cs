using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;

namespace Postrider.Queue.Spool.Log;

/// <summary>The envelope's part of a record: a word and its value for each thing that it says. A new word is added here.</summary>
internal static class EnvelopeWords
{
    // Words of the envelope's vocabulary; a number is never used for another word.
    private const byte EndOfWords = 0;
    private const byte ReversePathWord = 1;
    private const byte RecipientsWord = 2;
    private const byte BodyTypeWord = 3;
    private const byte SmtpUtf8Word = 4;
    private const byte ReturnWord = 5;
    private const byte EnvelopeIdWord = 6;
    private const byte NotifyWord = 7;
    private const byte OriginalRecipientWord = 8;
    private const byte FinalRecipientsWord = 9;
    private const byte TlsWord = 10;
    private const byte ReleaseWord = 11;
    private const byte DeliverByWord = 12;
    private const byte PriorityWord = 13;
    private const byte ModeWord = 20;

    // Parts of a wish for a later release, and of one for a delivery in time.
    private const byte HasTime = 1;
    private const byte HasDuration = 2;
    private const byte IsReturned = 4;
    private const byte IsTraced = 8;

    /// <summary>Writes the words that an envelope needs, most of them only where they say something.</summary>
    public static void Write(RecordWriter writer, Envelope envelope, DateTimeOffset arrived)
    {
        if (envelope.ReversePath.Mailbox is { } sender)
        {
            writer.Byte(ReversePathWord);
            writer.Text(sender.LocalPart);
            writer.Text(sender.Domain);
        }
        writer.Byte(RecipientsWord);
        writer.Number((uint)envelope.Recipients.Length);
        foreach (var recipient in envelope.Recipients)
        {
            writer.Text(recipient.Mailbox.LocalPart);
            writer.Text(recipient.Mailbox.Domain);
        }
        if (envelope.Body != BodyType.SevenBit)
        {
            writer.Byte(BodyTypeWord);
            writer.Byte((byte)envelope.Body);
        }
        if (envelope.SmtpUtf8)
            writer.Byte(SmtpUtf8Word);
        if (envelope.Return != ReturnContent.Unspecified)
        {
            writer.Byte(ReturnWord);
            writer.Byte((byte)envelope.Return);
        }
        if (envelope.EnvelopeId is not null)
        {
            writer.Byte(EnvelopeIdWord);
            writer.Text(envelope.EnvelopeId);
        }
        if (envelope.Tls != TlsWish.Unspecified)
        {
            writer.Byte(TlsWord);
            writer.Byte((byte)envelope.Tls);
        }
        if (envelope.Mode != DeliveryMode.Mailbox)
        {
            writer.Byte(ModeWord);
            writer.Byte((byte)envelope.Mode);
        }
        WriteTimes(writer, envelope, arrived);
        if (envelope.Priority is { } priority)
        {
            writer.Byte(PriorityWord);
            writer.Byte((byte)priority);
        }
        for (var i = 0; i < envelope.Recipients.Length; i++)
            WriteRecipientWords(writer, envelope.Recipients[i], i);
        WriteFinalRecipients(writer, envelope.Recipients);
        writer.Byte(EndOfWords);
    }

    private static void WriteTimes(RecordWriter writer, Envelope envelope, DateTimeOffset arrived)
    {
        if (envelope.Release is { } release)
        {
            writer.Byte(ReleaseWord);
            writer.UInt64((ulong)arrived.UtcTicks);
            WriteTime(writer, release.At, release.After, 0);
        }
        if (envelope.DeliverBy is { } by)
        {
            writer.Byte(DeliverByWord);
            WriteTime(writer, by.Deadline, by.Time, (by.IsReturned ? IsReturned : 0) | (by.IsTraced ? IsTraced : 0));
        }
    }

    private static void WriteTime(RecordWriter writer, DateTimeOffset? time, TimeSpan? duration, int parts)
    {
        writer.Byte((byte)(parts | (time is null ? 0 : HasTime) | (duration is null ? 0 : HasDuration)));
        if (time is { } at)
            writer.UInt64((ulong)at.UtcTicks);
        if (duration is { } length)
            writer.UInt64((ulong)length.Ticks);
    }

    private static (DateTimeOffset? Time, TimeSpan? Duration, byte Parts) ReadTime(ref RecordReader reader)
    {
        var parts = reader.Byte();
        return (
            (parts & HasTime) == 0 ? null : new DateTimeOffset((long)reader.UInt64(), TimeSpan.Zero),
            (parts & HasDuration) == 0 ? null : new TimeSpan((long)reader.UInt64()),
            parts);
    }

    // Behind the recipients, each with the number of the one it belongs to: most have none.
    private static void WriteRecipientWords(RecordWriter writer, EnvelopeRecipient recipient, int index)
    {
        if (recipient.Notify != Notifications.Unspecified)
        {
            writer.Byte(NotifyWord);
            writer.Number((uint)index);
            writer.Byte((byte)recipient.Notify);
        }
        if (recipient.OriginalRecipient is { } original)
        {
            writer.Byte(OriginalRecipientWord);
            writer.Number((uint)index);
            writer.Text(original.AddressType);
            writer.Text(original.Address);
        }
    }

    // How many recipients in a row are final, then how many are not, and so on: mostly one number.
    private static void WriteFinalRecipients(RecordWriter writer, ImmutableArray<EnvelopeRecipient> recipients)
    {
        if (recipients.All(static recipient => !recipient.IsFinal))
            return;
        var runs = new List<uint>();
        for (var (i, isFinal) = (0, true); i < recipients.Length; isFinal = !isFinal)
        {
            var start = i;
            while (i < recipients.Length && recipients[i].IsFinal == isFinal)
                i++;
            runs.Add((uint)(i - start));
        }
        writer.Byte(FinalRecipientsWord);
        writer.Number((uint)runs.Count);
        foreach (var run in runs)
            writer.Number(run);
    }

    private static void ReadFinalRecipients(ref RecordReader reader, Span<EnvelopeRecipient> recipients)
    {
        var (i, isFinal) = (0, true);
        for (var runs = reader.Count(); runs > 0; runs--, isFinal = !isFinal)
        {
            for (var length = reader.Count(); length > 0; length--, i++)
            {
                if (i >= recipients.Length)
                    throw new InvalidDataException("More recipients are final than there are.");
                if (isFinal)
                    recipients[i] = recipients[i] with { IsFinal = true };
            }
        }
    }

    /// <summary>Reads them.</summary>
    /// <param name="reader">The record.</param>
    /// <param name="arrived">Takes when the message arrived, where a word says so.</param>
    public static Envelope Read(ref RecordReader reader, ref DateTimeOffset arrived)
    {
        var envelope = new Envelope { ReversePath = ReversePath.Null, Recipients = [] };
        EnvelopeRecipient[] recipients = [];
        for (var word = reader.Byte(); word != EndOfWords; word = reader.Byte())
        {
            switch (word)
            {
                case ReversePathWord:
                    envelope = envelope with { ReversePath = new ReversePath(ReadMailbox(ref reader)) };
                    break;
                case RecipientsWord:
                    recipients = ReadRecipients(ref reader);
                    break;
                case BodyTypeWord:
                    envelope = envelope with { Body = (BodyType)reader.Byte() };
                    break;
                case SmtpUtf8Word:
                    envelope = envelope with { SmtpUtf8 = true };
                    break;
                case ReturnWord:
                    envelope = envelope with { Return = (ReturnContent)reader.Byte() };
                    break;
                case EnvelopeIdWord:
                    envelope = envelope with { EnvelopeId = reader.Text() };
                    break;
                case TlsWord:
                    envelope = envelope with { Tls = (TlsWish)reader.Byte() };
                    break;
                case ModeWord:
                    envelope = envelope with { Mode = (DeliveryMode)reader.Byte() };
                    break;
                case ReleaseWord:
                    arrived = new DateTimeOffset((long)reader.UInt64(), TimeSpan.Zero);
                    var release = ReadTime(ref reader);
                    envelope = envelope with { Release = new FutureRelease { At = release.Time, After = release.Duration } };
                    break;
                case DeliverByWord:
                    var by = ReadTime(ref reader);
                    envelope = envelope with
                    {
                        DeliverBy = new DeliverBy(by.Duration ?? TimeSpan.Zero, (by.Parts & IsReturned) != 0, (by.Parts & IsTraced) != 0) { Deadline = by.Time },
                    };
                    break;
                case PriorityWord:
                    envelope = envelope with { Priority = (sbyte)reader.Byte() };
                    break;
                case NotifyWord:
                    ref var notified = ref Recipient(recipients, ref reader);
                    notified = notified with { Notify = (Notifications)reader.Byte() };
                    break;
                case OriginalRecipientWord:
                    ref var original = ref Recipient(recipients, ref reader);
                    original = original with { OriginalRecipient = new OriginalRecipient(reader.Text(), reader.Text()) };
                    break;
                case FinalRecipientsWord:
                    ReadFinalRecipients(ref reader, recipients);
                    break;
                default:
                    // A word this version does not know could decide where mail goes: better held than sent wrongly.
                    throw new InvalidDataException($"The envelope uses word {word}, which this version does not know.");
            }
        }
        return envelope with { Recipients = ImmutableCollectionsMarshal.AsImmutableArray(recipients) };
    }

    private static EnvelopeRecipient[] ReadRecipients(ref RecordReader reader)
    {
        var recipients = new List<EnvelopeRecipient>();
        for (var count = reader.Count(); count > 0; count--)
            recipients.Add(new EnvelopeRecipient(ReadMailbox(ref reader)));
        return [.. recipients];
    }

    private static ref EnvelopeRecipient Recipient(EnvelopeRecipient[] recipients, ref RecordReader reader)
    {
        var index = reader.Count();
        if (index >= recipients.Length)
            throw new InvalidDataException($"The envelope has {recipients.Length} recipients, and a word for number {index}.");
        return ref recipients[index];
    }

    private static Mailbox ReadMailbox(ref RecordReader reader) => new(reader.Text(), reader.Text());
}
