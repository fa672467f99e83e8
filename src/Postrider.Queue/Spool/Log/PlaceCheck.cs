using Postrider.Queue.Disk;

namespace Postrider.Queue.Spool.Log;

/// <summary>
/// Finds, at the end of a recovery, the entries whose records or bodies lie nowhere any more. They are
/// held, so that someone looks at them.
/// </summary>
internal sealed class PlaceCheck(SpoolFolder folder, SpoolIndex index, List<SpoolDamage> damage)
{
    private readonly HashSet<ulong> lostFiles = [];

    public void Run()
    {
        var lost = new SortedDictionary<uint, int>();
        for (var slot = 0; slot < index.Entries.End; slot++)
        {
            ref var entry = ref index.Entries[slot];
            if (entry.Id == 0)
                continue;
            ref var body = ref index.Bodies[entry.Body];
            var isLost = false;
            foreach (var at in (ReadOnlySpan<Location>)[entry.Envelope, entry.State, body.At])
            {
                if (at.IsSpill)
                {
                    isLost |= IsFileLost(body);
                }
                else if (at.IsNone || !index.Segments.ContainsKey(at.Segment))
                {
                    isLost = true;
                    lost[at.Segment] = lost.GetValueOrDefault(at.Segment) + 1;
                }
            }
            entry.IsHeld |= isLost;
        }
        foreach (var (segment, count) in lost)
        {
            var which = segment == 0 ? "A damaged part of the log" : $"Segment {segment}, which is missing,";
            Report(folder.Segments, 0, 0, $"{which} held {count} records or bodies of mail that is queued; that mail is held.");
        }
    }

    private bool IsFileLost(in BodySlot body)
    {
        if (lostFiles.Contains(body.Id))
            return true;
        var path = folder.Spill(body.Id);
        long length = -1;
        if (!folder.Disk.Open(path, FileUse.Read, out var file).IsError)
        {
            using (file)
                _ = file!.Length(out length);
        }
        if (length >= Layout.StoredLength(body.Length))
            return false;
        lostFiles.Add(body.Id);
        Report(path, 0, 0, length < 0 ? "The body of a queued message is missing; its mail is held." : "The body of a queued message is cut off; its mail is held.");
        return true;
    }

    private void Report(string file, long offset, long length, string what) => damage.Add(new SpoolDamage(file, offset, length, what));
}
