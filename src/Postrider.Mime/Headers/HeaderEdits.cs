using System.Collections.Immutable;

namespace Postrider.Mime.Headers;

/// <summary>One change to a stored header block: drop some octets at an offset and put others there.</summary>
/// <param name="Offset">Where, in octets from the start of the stored content.</param>
/// <param name="Drop">How many stored octets are left out; 0 or more.</param>
/// <param name="Insert">What is read in their place, whole lines with CRLF; may be empty.</param>
public readonly record struct HeaderEdit(int Offset, int Drop, ReadOnlyMemory<byte> Insert);

/// <summary>
/// The changes to a message since it was stored. The stored octets stay those received; every reader
/// (delivery, reports, SIZE) goes through <see cref="HeaderEdits"/> and sees the same message.
/// </summary>
public sealed class HeaderEdits
{
    /// <summary>No change at all.</summary>
    public static readonly HeaderEdits None = new([]);

    /// <summary>An empty line at the very start: for content that begins with no field, which fields before it would make a part of them.</summary>
    public static readonly HeaderEdits EmptyLine = new([new HeaderEdit(0, 0, "\r\n"u8.ToArray())]);

    /// <summary>Makes a list of edits.</summary>
    /// <param name="edits">In the order of their offsets, none reaching into the next.</param>
    /// <exception cref="ArgumentException">The edits are out of order or overlap.</exception>
    public HeaderEdits(ImmutableArray<HeaderEdit> edits)
    {
        var end = 0;
        foreach (var edit in edits)
        {
            if (edit.Offset < end || edit.Drop < 0)
                throw new ArgumentException("Header edits are in the order of their offsets and do not overlap.", nameof(edits));
            end = checked(edit.Offset + edit.Drop);
        }
        Edits = edits;
    }

    /// <summary>The edits in order.</summary>
    public ImmutableArray<HeaderEdit> Edits { get; }

    /// <summary>By how many octets the message is longer than what is stored; negative where it is shorter.</summary>
    public long LengthChange
    {
        get
        {
            long change = 0;
            foreach (var edit in Edits)
                change += edit.Insert.Length - edit.Drop;
            return change;
        }
    }

    /// <summary>Edits that put text at the very start, before what these edits put there.</summary>
    public HeaderEdits Prepend(ReadOnlyMemory<byte> text)
    {
        if (Edits is [{ Offset: 0 } first, ..])
        {
            var joined = new byte[text.Length + first.Insert.Length];
            text.CopyTo(joined);
            first.Insert.CopyTo(joined.AsMemory(text.Length));
            return new HeaderEdits(Edits.SetItem(0, first with { Insert = joined }));
        }
        return new HeaderEdits(Edits.Insert(0, new HeaderEdit(0, 0, text)));
    }
}
