using Postrider.Conformance.Spool;
using Postrider.Queue.Spool;
using Postrider.Queue.Spool.Log;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>
/// What a spool must hold: what was acknowledged, and of each commit that was on its way when the
/// power went, all or nothing.
/// </summary>
internal sealed class SpoolModel
{
    private readonly List<Op> inFlight = [];

    /// <summary>Entries whose last acknowledged change is known.</summary>
    public Dictionary<SpoolId, Entry> Live { get; } = [];

    /// <summary>Attempts noted since the last change.</summary>
    public Dictionary<SpoolId, int> Starts { get; } = [];

    public bool HasInFlight => inFlight.Count > 0;

    public void Begin(Op op) => inFlight.Add(op);

    /// <summary>The commit was acknowledged.</summary>
    public void Done(Op op)
    {
        inFlight.Remove(op);
        Take(op);
    }

    /// <summary>The commit was answered by a fault: nothing of it may ever be seen.</summary>
    public void Refused(Op op) => inFlight.Remove(op);

    /// <summary>Compares all that a spool which was just opened holds.</summary>
    /// <returns>Which of the commits on their way it has.</returns>
    public IReadOnlyList<Op> Check(LogSpool spool, IReadOnlyDictionary<SpoolId, SpoolEntry> listed, bool isKilled)
    {
        var expected = new Dictionary<SpoolId, Entry>(Live);
        var taken = new List<Op>();
        foreach (var op in inFlight)
        {
            var has = op.After.All(change => Has(listed, change.Key, change.Value));
            var hasNot = op.After.All(change => Has(listed, change.Key, Live.GetValueOrDefault(change.Key)));
            if (has == hasNot)
                throw new CampaignException($"Commit {op.Name} is there in part: {string.Join(", ", op.After.Select(change => $"{change.Key} {listed.ContainsKey(change.Key)}"))}");
            if (!has)
                continue;
            taken.Add(op);
            foreach (var (id, entry) in op.After)
            {
                if (entry is null)
                    expected.Remove(id);
                else
                    expected[id] = entry;
            }
        }
        var back = listed.Keys.Where(id => !expected.ContainsKey(id)).Order().ToList();
        var lost = expected.Keys.Where(id => !listed.ContainsKey(id)).Order().ToList();
        if (back.Count + lost.Count > 0)
            throw new CampaignException($"came back, or was never acknowledged: {string.Join(' ', back)}; is lost: {string.Join(' ', lost)}");
        foreach (var (id, entry) in expected)
        {
            var found = listed[id];
            if (found.Version != entry.State.Version)
                throw new CampaignException($"{id} has version {found.Version}, not {entry.State.Version}");
            var noted = Starts.GetValueOrDefault(id);
            if (found.Starts > noted + 1 || (isKilled && !HasInFlight && found.Starts != noted))
                throw new CampaignException($"{id} has {found.Starts} starts, {noted} were noted");
            try
            {
                SpoolSamples.AssertSame(entry.Envelope, entry.State, entry.Octets.Length, spool.ReadAsync(id).AsTask().GetAwaiter().GetResult());
                var body = SpoolSamples.ReadBodyAsync(spool, id).AsTask().GetAwaiter().GetResult();
                if (body is null || !body.AsSpan().SequenceEqual(entry.Octets))
                    throw new CampaignException($"the body of {id} has other octets");
            }
            catch (SpoolDamageException damage)
            {
                throw new CampaignException($"{id} (version {entry.State.Version}, body of {entry.Octets.Length}) cannot be read: {damage.Message}");
            }
        }
        return taken;
    }

    /// <summary>Goes on from what a spool was found to hold.</summary>
    public void Resolve(IReadOnlyList<Op> taken)
    {
        foreach (var op in taken)
            Take(op);
        inFlight.Clear();
    }

    private void Take(Op op)
    {
        foreach (var (id, entry) in op.After)
        {
            Starts.Remove(id);
            if (entry is null)
                Live.Remove(id);
            else
                Live[id] = entry;
        }
    }

    private static bool Has(IReadOnlyDictionary<SpoolId, SpoolEntry> listed, SpoolId id, Entry? entry) =>
        entry is null ? !listed.ContainsKey(id) : listed.TryGetValue(id, out var found) && found.Version == entry.State.Version;

    /// <summary>An entry as it was committed.</summary>
    internal sealed record Entry(NewEnvelope Envelope, EntryState State, byte[] Octets);

    /// <summary>A commit and what each entry it touches is after it.</summary>
    internal sealed record Op(string Name, SpoolCommit Commit, Dictionary<SpoolId, Entry?> After);
}

/// <summary>A campaign found a breach of the promise.</summary>
internal sealed class CampaignException(string what) : Exception(what);
