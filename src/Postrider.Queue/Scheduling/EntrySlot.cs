using System.Runtime.InteropServices;

namespace Postrider.Queue.Scheduling;

/// <summary>Where an entry is on its way.</summary>
internal enum EntryStage : byte
{
    /// <summary>The slot is free.</summary>
    None,

    /// <summary>In the wheel until it is due.</summary>
    Waiting,

    /// <summary>Due, in the list of its next hop.</summary>
    Ready,

    /// <summary>With delivery, or its outcome is not on disk yet.</summary>
    Leased,

    /// <summary>Held.</summary>
    Held,

    /// <summary>A command is changing it.</summary>
    Busy,
}

/// <summary>
/// What the index keeps of an entry: 32 octets, for a queue may hold ten million. Next and Previous
/// link it into the one list it is in.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct EntrySlot
{
    private const int StageBits = 3;
    private const int TermBits = 6;
    private const long SizeUnit = 64;

    public ulong Id;
    public int Next;
    public int Previous;

    /// <summary>Seconds since 1970, rounded up.</summary>
    public uint Due;

    /// <summary>From when its age counts, in seconds since 1970; in the future while it is kept until then.</summary>
    public uint Since;

    // The size in units, then the priority in five bits and the deadline in one.
    private uint sizeAndTerms;
    private uint hopAndStage;

    /// <summary>Octets of the body, rounded up to 64; 4 GiB for all above.</summary>
    public long Size
    {
        readonly get => (sizeAndTerms >> TermBits) * SizeUnit;
        set => sizeAndTerms = ((uint)Math.Min((Math.Min(value, 1L << 32) + SizeUnit - 1) / SizeUnit, uint.MaxValue >> TermBits) << TermBits) | (sizeAndTerms & ((1 << TermBits) - 1));
    }

    /// <summary>-9 to 9.</summary>
    public int Priority
    {
        readonly get => (int)(sizeAndTerms << (32 - TermBits)) >> (33 - TermBits);
        set => sizeAndTerms = (sizeAndTerms & ~0b111110u) | (((uint)value & 0b11111) << 1);
    }

    public bool HasDeadline
    {
        readonly get => (sizeAndTerms & 1) != 0;
        set => sizeAndTerms = (sizeAndTerms & ~1u) | (value ? 1u : 0);
    }

    public int NextHop
    {
        readonly get => (int)(hopAndStage >> StageBits);
        set => hopAndStage = ((uint)value << StageBits) | (hopAndStage & 7);
    }

    public EntryStage Stage
    {
        readonly get => (EntryStage)(hopAndStage & 7);
        set => hopAndStage = (hopAndStage & ~7u) | (uint)value;
    }
}
