using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Postrider.Mime.Headers;
using Postrider.Queue.Outcomes;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Queue.Spool.Log;

/// <summary>What the index keeps of a state; it stands first, so that a replay reads no further.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Attempts">Attempts made.</param>
/// <param name="Due">When the next is due, in ticks of UTC.</param>
/// <param name="Starts">Attempts that began and did not end.</param>
/// <param name="Flags">Whether it is held; in the record of an envelope also its priority and whether it has a deadline, as <see cref="EntrySlot.Flags"/>.</param>
internal readonly record struct StateHead(uint Version, uint Attempts, long Due, byte Starts, byte Flags)
{
    public bool IsHeld => (Flags & 1) != 0;

    public static StateHead Of(EntryState state, byte starts = 0, Envelope? envelope = null)
    {
        var slot = new EntrySlot { IsHeld = state.HoldReason is not null, Priority = envelope?.Priority ?? 0, HasDeadline = envelope?.DeliverBy is not null };
        return new(state.Version, (uint)state.Attempts, state.Due.UtcTicks, starts, slot.Flags);
    }
}

/// <summary>The payloads of the records that make up an entry.</summary>
internal static class EntryRecord
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

    // Parts of a status that may be missing.
    private const byte HasRemoteHost = 1;
    private const byte HasProtection = 2;
    private const byte IsReportedOn = 4;
    private const byte KeepsDeadline = 8;

    // Parts of a wish for a later release, and of one for a delivery in time.
    private const byte HasTime = 1;
    private const byte HasDuration = 2;
    private const byte IsReturned = 4;
    private const byte IsTraced = 8;

    public static void WriteEnvelope(RecordWriter writer, NewEnvelope envelope, EntryState state, byte starts)
    {
        writer.UInt64(envelope.Id.Value);
        writer.UInt64(envelope.Message.Value);
        writer.UInt64(envelope.Body.Value);
        // What the index needs stands first; when the message arrived is then behind, where it differs.
        writer.UInt64((ulong)envelope.Since.UtcTicks);
        WriteHead(writer, StateHead.Of(state, starts, envelope.Envelope));
        writer.Text(envelope.NextHop);
        WriteStateRest(writer, state);
        WriteWords(writer, envelope.Envelope, envelope.Arrived);
        writer.Number((uint)envelope.Edits.Edits.Length);
        foreach (var edit in envelope.Edits.Edits)
        {
            writer.Number((uint)edit.Offset);
            writer.Number((uint)edit.Drop);
            writer.Octets(edit.Insert.Span);
        }
    }

    public static void WriteState(RecordWriter writer, SpoolId id, EntryState state, byte starts)
    {
        writer.UInt64(id.Value);
        WriteHead(writer, StateHead.Of(state, starts));
        WriteStateRest(writer, state);
    }

    public static StateHead ReadHead(ref RecordReader reader) =>
        new(reader.UInt32(), reader.UInt32(), (long)reader.UInt64(), reader.Byte(), reader.Byte());

    /// <summary>Reads a record of an envelope whole, with the state that stands in it.</summary>
    public static NewEnvelope ReadEnvelope(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        var id = new SpoolId(reader.UInt64());
        var message = new SpoolId(reader.UInt64());
        var body = new SpoolId(reader.UInt64());
        var arrived = new DateTimeOffset((long)reader.UInt64(), TimeSpan.Zero);
        var head = ReadHead(ref reader);
        var nextHop = reader.Text();
        var state = ReadStateRest(ref reader, head);
        var envelope = ReadWords(ref reader, ref arrived);
        var edits = ImmutableArray.CreateBuilder<HeaderEdit>();
        for (var count = reader.Count(); count > 0; count--)
            edits.Add(new HeaderEdit(reader.Count(), reader.Count(), reader.Octets().ToArray()));
        return new NewEnvelope
        {
            Id = id,
            Message = message,
            Body = body,
            Envelope = envelope,
            Edits = edits.Count == 0 ? HeaderEdits.None : new HeaderEdits(edits.DrainToImmutable()),
            NextHop = nextHop,
            Arrived = arrived,
            State = state,
        };
    }

    /// <summary>Reads a record of a state whole.</summary>
    public static (SpoolId Id, EntryState State) ReadState(ReadOnlySpan<byte> payload)
    {
        var reader = new RecordReader(payload);
        var id = new SpoolId(reader.UInt64());
        var head = ReadHead(ref reader);
        return (id, ReadStateRest(ref reader, head));
    }

    private static void WriteHead(RecordWriter writer, in StateHead head)
    {
        writer.UInt32(head.Version);
        writer.UInt32(head.Attempts);
        writer.UInt64((ulong)head.Due);
        writer.Byte(head.Starts);
        writer.Byte(head.Flags);
    }

    private static void WriteStateRest(RecordWriter writer, EntryState state)
    {
        if (state.HoldReason is not null)
            writer.Text(state.HoldReason);
        writer.Number((uint)state.Open.Length);
        foreach (var open in state.Open)
        {
            writer.Number((uint)open.Index);
            if (open.Last is not { } last)
            {
                writer.Byte(0);
                continue;
            }
            writer.Byte((byte)last.Result);
            writer.Byte(last.Enhanced.Class);
            writer.Number(last.Enhanced.Subject);
            writer.Number(last.Enhanced.Detail);
            writer.Text(last.Text);
            writer.Number((uint)last.ReplyCode);
            writer.Byte((byte)(
                (last.RemoteHost is null ? 0 : HasRemoteHost)
                | (last.Protection is null ? 0 : HasProtection)
                | (last.IsReportedOn ? IsReportedOn : 0)
                | (last.KeepsDeadline ? KeepsDeadline : 0)));
            if (last.RemoteHost is not null)
                writer.Text(last.RemoteHost);
            if (last.Protection is not null)
                writer.Text(last.Protection);
        }
    }

    private static EntryState ReadStateRest(ref RecordReader reader, in StateHead head)
    {
        var hold = head.IsHeld ? reader.Text() : null;
        var open = ImmutableArray.CreateBuilder<OpenRecipient>();
        for (var count = reader.Count(); count > 0; count--)
        {
            var index = reader.Count();
            var result = (DeliveryResult)reader.Byte();
            DeliveryStatus? last = null;
            if (result != 0)
            {
                var enhanced = new EnhancedStatusCode(reader.Byte(), (ushort)reader.Number(), (ushort)reader.Number());
                last = ReadStatus(ref reader, result, enhanced);
            }
            open.Add(new OpenRecipient(index, last));
        }
        return new EntryState
        {
            Version = head.Version,
            Attempts = (int)head.Attempts,
            Due = new DateTimeOffset(head.Due, TimeSpan.Zero),
            HoldReason = hold,
            Open = open.DrainToImmutable(),
        };
    }

    private static DeliveryStatus ReadStatus(ref RecordReader reader, DeliveryResult result, EnhancedStatusCode enhanced)
    {
        var text = reader.Text();
        var code = reader.Count();
        var parts = reader.Byte();
        return new DeliveryStatus(result, enhanced, text, code, (parts & HasRemoteHost) == 0 ? null : reader.Text())
        {
            Protection = (parts & HasProtection) == 0 ? null : reader.Text(),
            IsReportedOn = (parts & IsReportedOn) != 0,
            KeepsDeadline = (parts & KeepsDeadline) != 0,
        };
    }

    private static void WriteWords(RecordWriter writer, Envelope envelope, DateTimeOffset arrived)
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
        var runs = new List<uint>();
        for (var (i, isFinal) = (0, true); i < recipients.Length; isFinal = !isFinal)
        {
            var start = i;
            while (i < recipients.Length && recipients[i].IsFinal == isFinal)
                i++;
            runs.Add((uint)(i - start));
        }
        if (runs is [] or [0, _])
            return;
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

    private static Envelope ReadWords(ref RecordReader reader, ref DateTimeOffset arrived)
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
