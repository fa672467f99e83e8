using System.Buffers;

namespace Postrider.Queue.Spool.Log;

/// <summary>Makes something of the payload of a record.</summary>
internal delegate T PayloadReader<out T>(ReadOnlySpan<byte> payload);

/// <summary>Reads single records out of a segment, compared with their checksums.</summary>
internal static class StoredRecord
{
    // Most records are read by one call; a longer one needs a second.
    private const int FirstRead = 1024;

    /// <exception cref="SpoolDamageException">There is no such record there.</exception>
    public static T Read<T>(Segment segment, Location at, RecordKind kind, SpoolKey key, PayloadReader<T> read)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            var count = ReadAt(segment, at, buffer.AsSpan(0, FirstRead));
            var length = Record.LengthAt(buffer.AsSpan(0, count));
            // What is longer than the rest of the log in the segment is no length.
            if (length > count && length <= segment.End - at.Offset)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = ArrayPool<byte>.Shared.Rent(length);
                count = ReadAt(segment, at, buffer.AsSpan(0, length));
            }
            if (Record.TryRead(buffer.AsSpan(0, count), key, out var record) && record.Kind == kind)
                return read(record.Payload);
        }
        catch (InvalidDataException failure)
        {
            throw new SpoolDamageException($"{segment.Path} holds a record at {at.Offset} that cannot be read: {failure.Message}", failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        throw new SpoolDamageException($"{segment.Path} is damaged at {at.Offset}: a record differs from its checksum.");
    }

    /// <summary>Reads an envelope with its state, which may stand in a record of its own.</summary>
    public static (NewEnvelope Envelope, EntryState State) ReadEntry(Segment envelope, Segment state, in EntrySlot entry, SpoolKey key)
    {
        var stored = Read(envelope, entry.Envelope, RecordKind.Envelope, key, static payload => EntryRecord.ReadEnvelope(payload));
        var id = stored.Id;
        var current = stored.State;
        if (entry.State != entry.Envelope)
            (id, current) = Read(state, entry.State, RecordKind.State, key, static payload => EntryRecord.ReadState(payload));
        if (stored.Id.Value != entry.Id || id.Value != entry.Id || current.Version != entry.Version)
            throw new SpoolDamageException($"{envelope.Path} holds another record at {entry.Envelope.Offset} than that of envelope {new SpoolId(entry.Id)}.");
        return (stored, current);
    }

    private static int ReadAt(Segment segment, Location at, Span<byte> target)
    {
        var error = segment.Read(at.Offset, target, out var read);
        if (error.IsError)
            throw new SpoolDamageException($"{segment.Path} cannot be read at {at.Offset}: {SpoolFolder.Reason(error)}.");
        return read;
    }
}
