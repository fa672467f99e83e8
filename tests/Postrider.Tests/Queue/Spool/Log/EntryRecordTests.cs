using Postrider.Conformance.Spool;
using Postrider.Mime.Headers;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;
using Postrider.Queue.Spool.Log;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Record = Postrider.Queue.Spool.Log.Record;

namespace Postrider.Tests.Queue.Spool.Log;

public sealed class EntryRecordTests
{
    [Fact]
    public void An_envelope_is_read_as_it_was_written()
    {
        var envelope = SpoolSamples.Envelope(new SpoolId(7), new SpoolId(8), 3);
        var state = SpoolSamples.State(9, [0, 2], "held ü");
        var read = EntryRecord.ReadEnvelope(Write(writer => EntryRecord.WriteEnvelope(writer, envelope, state, 2)));
        SpoolSamples.AssertSame(
            envelope,
            state,
            5,
            StoredEnvelope.Of(read, read.State, 5));
    }

    [Theory]
    [InlineData("n")]
    [InlineData("f")]
    [InlineData("fffn")]
    [InlineData("nff")]
    [InlineData("nfnnf")]
    public void Who_is_final_is_kept(string recipients)
    {
        var envelope = SpoolSamples.Envelope(new SpoolId(7), new SpoolId(8), recipients.Length);
        envelope = envelope with { Envelope = envelope.Envelope with { Recipients = [.. envelope.Envelope.Recipients.Select((one, i) => one with { IsFinal = recipients[i] == 'f' })] } };
        var read = EntryRecord.ReadEnvelope(Write(writer => EntryRecord.WriteEnvelope(writer, envelope, envelope.State, 0)));
        Assert.Equal(recipients, string.Concat(read.Envelope.Recipients.Select(static one => one.IsFinal ? 'f' : 'n')));
    }

    [Theory]
    [InlineData(false, true, false, null)]
    [InlineData(true, false, true, 9)]
    [InlineData(true, true, true, -9)]
    [InlineData(true, true, false, 0)]
    public void Times_and_priority_are_kept(bool hasAt, bool hasDeadline, bool isReturned, int? priority)
    {
        var envelope = SpoolSamples.Envelope(new SpoolId(7), new SpoolId(8));
        envelope = envelope with
        {
            Envelope = envelope.Envelope with
            {
                Release = new FutureRelease { After = hasAt ? null : TimeSpan.FromSeconds(999_999_999), At = hasAt ? SpoolSamples.Start.AddYears(3) : null },
                DeliverBy = new DeliverBy(TimeSpan.FromSeconds(999_999_999), isReturned) { Deadline = hasDeadline ? SpoolSamples.Start : null },
                Priority = (sbyte?)priority,
            },
        };
        var payload = Write(writer => EntryRecord.WriteEnvelope(writer, envelope, envelope.State, 0));
        SpoolSamples.AssertSame(envelope, envelope.State, 5, StoredEnvelope.Of(EntryRecord.ReadEnvelope(payload), envelope.State, 5));
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData(true, null, false)]
    [InlineData(null, 9, true)]
    [InlineData(true, -9, false)]
    [InlineData(true, 1, true)]
    public void An_entry_of_the_index_packs_what_the_scheduler_is_told(bool? isHeld, int? priority, bool hasDeadline)
    {
        var slot = new EntrySlot { Priority = (sbyte)(priority ?? 0), HasDeadline = hasDeadline, IsHeld = isHeld ?? false };
        var copy = new EntrySlot { Flags = slot.Flags };
        Assert.Equal((isHeld ?? false, (sbyte)(priority ?? 0), hasDeadline), (copy.IsHeld, copy.Priority, copy.HasDeadline));
        // What was written before there were priorities and deadlines is read as it was meant.
        if (priority is null && !hasDeadline)
            Assert.Equal(isHeld == true ? 1 : 0, slot.Flags);
    }

    [Fact]
    public void The_null_sender_and_no_edits_are_kept()
    {
        var envelope = SpoolSamples.Envelope(new SpoolId(7), new SpoolId(8)) with
        {
            Edits = HeaderEdits.None,
            Envelope = new Envelope { ReversePath = ReversePath.Null, Recipients = [new EnvelopeRecipient(new Mailbox("postmaster", ""))] },
        };
        var read = EntryRecord.ReadEnvelope(Write(writer => EntryRecord.WriteEnvelope(writer, envelope, envelope.State, 0)));
        Assert.True(read.Envelope.ReversePath.IsNull);
        Assert.True(read.Envelope.Recipients[0].Mailbox.IsBarePostmaster);
        Assert.Empty(read.Edits.Edits);
    }

    // A word of the vocabulary that is not written is lost at the next start: whoever adds one is sent to EntryRecord.
    [Theory]
    [InlineData(typeof(Envelope), "Body DeliverBy EnvelopeId Mode Priority Recipients Release Return ReversePath SmtpUtf8 Tls")]
    [InlineData(typeof(FutureRelease), "After At")]
    [InlineData(typeof(DeliverBy), "Deadline IsReturned IsTraced Time")]
    [InlineData(typeof(EnvelopeRecipient), "IsFinal Mailbox Notify OriginalRecipient")]
    [InlineData(typeof(OriginalRecipient), "Address AddressType")]
    [InlineData(typeof(EntryState), "Attempts Due HoldReason Open Version")]
    [InlineData(typeof(OpenRecipient), "Index Last")]
    [InlineData(typeof(DeliveryStatus), "Enhanced IsReportedOn KeepsDeadline Protection RemoteHost ReplyCode Result Text")]
    [InlineData(typeof(NewEnvelope), "Arrived Body Edits Envelope Id Message NextHop State")]
    [InlineData(typeof(HeaderEdit), "Drop Insert Offset")]
    public void Every_word_of_the_vocabulary_is_written(Type type, string words) =>
        Assert.Equal(
            words.Split(' ').Order(StringComparer.Ordinal),
            type.GetProperties(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance).Select(property => property.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void A_payload_that_is_cut_off_is_no_payload()
    {
        var envelope = SpoolSamples.Envelope(new SpoolId(7), new SpoolId(8));
        var payload = Write(writer => EntryRecord.WriteEnvelope(writer, envelope, envelope.State, 0));
        for (var length = 0; length < payload.Length; length++)
            Assert.Throws<InvalidDataException>(() => EntryRecord.ReadEnvelope(payload.AsSpan(0, length)));
    }

    [Fact]
    public void A_record_with_any_bit_changed_is_no_record()
    {
        var key = Identity.NewKey();
        using var writer = new RecordWriter();
        writer.Begin(RecordKind.State);
        EntryRecord.WriteState(writer, new SpoolId(7), SpoolSamples.State(2, [0]), 0);
        writer.End(key, isLastOfCommit: true);
        var record = writer.Written.ToArray();
        Assert.True(Record.TryRead(record, key, out _));
        // Another spool's key does not open it: a mailed forgery would have to know ours.
        Assert.False(Record.TryRead(record, new SpoolKey(key.Mark, key.Seed + 1), out _));
        for (var bit = 0; bit < Record.LengthAt(record) * 8; bit++)
        {
            record[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Record.TryRead(record, key, out _));
            record[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    private static byte[] Write(Action<RecordWriter> write)
    {
        using var writer = new RecordWriter();
        write(writer);
        return writer.Written.ToArray();
    }
}
