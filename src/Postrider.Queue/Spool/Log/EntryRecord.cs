using System.Collections.Immutable;
using Postrider.Mime.Headers;
using Postrider.Queue.Outcomes;
using Postrider.Smtp.Replies;

namespace Postrider.Queue.Spool.Log;

/// <summary>The payloads of the records that make up an entry.</summary>
internal static class EntryRecord
{
    // Parts of a status that may be missing.
    private const byte HasRemoteHost = 1;
    private const byte HasProtection = 2;
    private const byte IsReportedOn = 4;
    private const byte KeepsDeadline = 8;

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
        EnvelopeWords.Write(writer, envelope.Envelope, envelope.Arrived);
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
        var envelope = EnvelopeWords.Read(ref reader, ref arrived);
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
}
