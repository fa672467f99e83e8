using System.Text;

namespace Postrider.Load.Accounting;

/// <summary>
/// Which recipients each message has: so many of a pool of addresses, in turn. A recipient of a
/// message is a slot of it, so that sixty-four fit a mask.
/// </summary>
internal sealed class RecipientPlan
{
    private readonly byte[][] pool;

    /// <summary>Makes the plan.</summary>
    /// <param name="addresses">The pool.</param>
    /// <param name="each">How many recipients a message has, 1 to 64 and no more than the pool holds.</param>
    public RecipientPlan(IReadOnlyList<string> addresses, int each)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(each, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(each, Math.Min(addresses.Count, 64));
        Addresses = addresses;
        Each = each;
        pool = [.. addresses.Select(Encoding.UTF8.GetBytes)];
    }

    public IReadOnlyList<string> Addresses { get; }

    public int Each { get; }

    /// <summary>The slots of a message that are filled: as many low bits as it has recipients.</summary>
    public ulong AllSlots => ulong.MaxValue >> (64 - Each);

    /// <summary>How many different sets of recipients there are; message n has set n modulo this.</summary>
    public int Sets => pool.Length;

    /// <summary>The address in a slot of a set.</summary>
    public string Address(int set, int slot) => Addresses[(int)(((long)set * Each + slot) % pool.Length)];

    /// <summary>The address of the pool with this text, or -1.</summary>
    public int Find(ReadOnlySpan<byte> address)
    {
        for (var i = 0; i < pool.Length; i++)
        {
            if (address.SequenceEqual(pool[i]))
                return i;
        }
        return -1;
    }

    /// <summary>The slot of an address in a message, or -1 where the message was not for it.</summary>
    public int Slot(int number, int address)
    {
        var first = (long)(number % Sets) * Each;
        var slot = (address - first) % pool.Length;
        slot = slot < 0 ? slot + pool.Length : slot;
        return address >= 0 && slot < Each ? (int)slot : -1;
    }
}
