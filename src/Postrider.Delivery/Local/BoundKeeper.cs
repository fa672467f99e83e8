using Postrider.Queue.Disk;

namespace Postrider.Delivery.Local;

/// <summary>
/// Keeps all mailboxes below one root within a bound. It lists them once, counts in memory from then
/// on, and removes the oldest. What a reader removed is noticed when its turn comes.
/// </summary>
internal sealed class BoundKeeper(IDisk disk, string root, MaildirBound bound)
{
    private readonly Queue<Kept> messages = new();
    private long octets;
    private bool isCounted;

    /// <summary>Counts what was just delivered and removes what is too much. One call at a time.</summary>
    public async ValueTask KeepAsync(IReadOnlyList<MaildirFile> added)
    {
        // The first listing finds what was just delivered by itself.
        if (!isCounted)
            await disk.RunAsync(Count);
        else
        {
            foreach (var file in added)
                Add(new Kept(file.Folder, file.Name, file.Length));
        }
        if (IsTooMuch)
            await disk.RunAsync(RemoveOldest);
    }

    private bool IsTooMuch => messages.Count > bound.Messages || (octets > bound.Octets && messages.Count > 1);

    private void Add(Kept message)
    {
        messages.Enqueue(message);
        octets += message.Length;
    }

    private bool RemoveOldest()
    {
        while (IsTooMuch)
        {
            var oldest = messages.Dequeue();
            octets -= oldest.Length;
            if (disk.Delete(Path.Join(oldest.Folder, "new", oldest.Name)).IsNotFound)
                RemoveFromCur(oldest);
        }
        return true;
    }

    private void RemoveFromCur(Kept message)
    {
        var cur = Path.Join(message.Folder, "cur");
        _ = disk.List(cur, out var names);
        foreach (var name in names)
        {
            if (name.StartsWith(message.Name, StringComparison.Ordinal))
                _ = disk.Delete(Path.Join(cur, name));
        }
    }

    private bool Count()
    {
        var found = new List<(MaildirNameKey Key, Kept Message)>();
        foreach (var domain in Names(root))
        {
            foreach (var mailbox in Names(Path.Join(root, domain)))
            {
                var folder = Path.Join(root, domain, mailbox);
                Find(folder, "new", found);
                Find(folder, "cur", found);
            }
        }
        foreach (var (_, message) in found.OrderBy(one => one.Key))
            Add(message);
        isCounted = true;
        return true;
    }

    private void Find(string folder, string part, List<(MaildirNameKey Key, Kept Message)> found)
    {
        foreach (var name in Names(Path.Join(folder, part)))
        {
            if (!MaildirName.TryParse(name, out var key))
                continue;
            if (disk.Open(Path.Join(folder, part, name), FileUse.Read, out var file).IsError)
                continue;
            using (file)
            {
                _ = file!.Length(out var length);
                found.Add((key, new Kept(folder, WithoutFlags(name), length)));
            }
        }
    }

    private IReadOnlyList<string> Names(string folder)
    {
        _ = disk.List(folder, out var names);
        return names;
    }

    private static string WithoutFlags(string name)
    {
        var flags = name.AsSpan().IndexOfAny(":,;");
        return flags < 0 ? name : name[..flags];
    }

    private readonly record struct Kept(string Folder, string Name, long Length);
}
