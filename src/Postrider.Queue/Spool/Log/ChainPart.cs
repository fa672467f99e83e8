namespace Postrider.Queue.Spool.Log;

/// <summary>A segment that is replayed, with what the next one says of its end.</summary>
/// <param name="File">The segment.</param>
/// <param name="From">Where the replay begins.</param>
/// <param name="KnownEnd">Where the log in it ends, or 0 where nothing says so.</param>
internal sealed record ChainPart(SegmentFile File, long From, long KnownEnd)
{
    /// <summary>The segments of a chain from a position on.</summary>
    public static List<ChainPart> Of(IReadOnlyList<SegmentFile> files, SegmentKind kind, Location from, SpoolFolder folder, List<SpoolDamage> damage)
    {
        var all = files.Where(file => file.Segment.Kind == kind).ToList();
        // One that the next does not know as its predecessor was given up before its first batch.
        for (var i = all.Count - 2; i >= 0; i--)
        {
            if (all[i + 1].Header is { } next && next.Previous < all[i].Segment.Number)
            {
                all[i].Segment.End = Layout.Block;
                all[i].Segment.LastSequence = next.FirstSequence - 1;
                all.RemoveAt(i);
            }
        }
        var parts = new List<ChainPart>();
        for (var i = 0; i < all.Count; i++)
        {
            var file = all[i];
            var next = i + 1 < all.Count ? all[i + 1].Header : null;
            var knownEnd = next is { } header && header.Previous == file.Segment.Number ? header.PreviousEnd : 0;
            file.Segment.End = knownEnd > 0 ? knownEnd : file.Length;
            file.Segment.Size = file.Length - (file.Length % Layout.Block);
            file.Segment.IsFilled = true;
            file.Segment.LastSequence = next?.FirstSequence - 1 ?? ulong.MaxValue;
            if (file.Segment.Number < from.Segment)
                continue;
            if (file.Header is null)
                damage.Add(new SpoolDamage(file.Segment.Path, 0, Layout.Block, "The header of the segment is damaged."));
            var expected = i > 0 ? new Location(all[i - 1].Segment.Number, 0) : from;
            if (parts.Count == 0 && file.Segment.Number > from.Segment)
                expected = from;
            if (file.Header is { } own && expected.Segment != 0 && file.Segment.Number != from.Segment && own.Previous != expected.Segment)
                damage.Add(new SpoolDamage(folder.Segments, 0, 0, $"Segment {own.Previous} is missing; what it held is lost."));
            parts.Add(new ChainPart(file, file.Segment.Number == from.Segment ? from.Offset : Layout.Block, knownEnd));
        }
        return parts;
    }

    /// <summary>Where a chain ends.</summary>
    public static Location EndOf(List<ChainPart> parts, Location from) =>
        parts.Count == 0 ? from : new Location(parts[^1].File.Segment.Number, (uint)parts[^1].File.Segment.End);
}
