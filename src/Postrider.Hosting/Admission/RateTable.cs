namespace Postrider.Hosting.Admission;

/// <summary>
/// How much each of many has taken of a rate. Each has a token bucket, of which one number is kept: when it will be
/// full again. Who has a full one needs no place, so the table forgets by itself; where places are short, the
/// one who has taken least is forgotten, never the one who is over the rate. Its memory has a fixed bound.
/// </summary>
/// <typeparam name="TKey">Who takes. Its hash must not be one that a peer can foresee.</typeparam>
/// <param name="places">How many are told apart at the same time; rounded up to a power of two.</param>
internal sealed class RateTable<TKey>(int places = RateTable<TKey>.DefaultPlaces)
    where TKey : IEquatable<TKey>
{
    private const int DefaultPlaces = 65_536;
    private const int Ways = 8;
    private const int FirstSets = 16;

    private readonly Lock gate = new();
    private readonly int sets = (int)Math.Max(1, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(places, Ways)) / Ways);
    private Place[] table = [];
    private int used;

    /// <summary>Takes so many, or none where that is over the rate.</summary>
    /// <param name="key">Who takes.</param>
    /// <param name="count">How many; more than the rate allows at once are never given.</param>
    /// <param name="rate">How many there are in how long.</param>
    /// <param name="now">The time, in ticks.</param>
    public bool TryTake(TKey key, int count, RateLimit rate, long now)
    {
        if (rate.IsOff)
            return true;
        var period = rate.Period.Ticks;
        var cost = period / rate.Count * count;
        lock (gate)
        {
            ref var place = ref Find(key, now);
            // Full again at that time; never further away than a whole period, or the bucket is empty.
            var full = Math.Max(place.IsUsed && place.Key.Equals(key) ? place.Full : 0, now) + cost;
            // A rate that was lowered since may find more taken than it has.
            if (full - now > period)
                return false;
            if (!place.IsUsed)
                used++;
            place = new Place { Key = key, Full = full, IsUsed = true };
            return true;
        }
    }

    /// <summary>Whether one more would be over the rate; takes none.</summary>
    /// <param name="key">Who would take.</param>
    /// <param name="rate">How many there are in how long.</param>
    /// <param name="now">The time, in ticks.</param>
    public bool IsOver(TKey key, RateLimit rate, long now)
    {
        if (rate.IsOff)
            return false;
        lock (gate)
        {
            if (table.Length == 0)
                return false;
            foreach (ref var place in Set(key, table))
            {
                if (place.IsUsed && place.Key.Equals(key))
                    return Math.Max(place.Full, now) + (rate.Period.Ticks / rate.Count) - now > rate.Period.Ticks;
            }
            return false;
        }
    }

    // The place of a key: its own, a free or forgotten one, or that of whoever in its set has taken least.
    private ref Place Find(TKey key, long now)
    {
        if (used * 4 >= table.Length && table.Length < sets * Ways)
            Grow(now);
        var set = Set(key, table);
        ref var best = ref set[0];
        foreach (ref var place in set)
        {
            if (place.IsUsed && place.Key.Equals(key))
                return ref place;
            if (place.Rank(now) < best.Rank(now))
                best = ref place;
        }
        return ref best;
    }

    private void Grow(long now)
    {
        var larger = new Place[table.Length == 0 ? Math.Min(FirstSets, sets) * Ways : table.Length * 2];
        used = 0;
        foreach (var place in table)
        {
            if (!place.IsUsed || place.Full <= now)
                continue;
            foreach (ref var free in Set(place.Key, larger))
            {
                if (free.IsUsed)
                    continue;
                free = place;
                used++;
                break;
            }
        }
        table = larger;
    }

    private static Span<Place> Set(TKey key, Place[] table)
    {
        var set = key.GetHashCode() & ((table.Length / Ways) - 1);
        return table.AsSpan(set * Ways, Ways);
    }

    private struct Place
    {
        public TKey Key;
        public long Full;
        public bool IsUsed;

        public readonly long Rank(long now) => !IsUsed ? -1 : Full <= now ? 0 : Full;
    }
}
