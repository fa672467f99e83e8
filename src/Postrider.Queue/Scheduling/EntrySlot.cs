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

    public ulong Id;
    public int Next;
    public int Previous;

    /// <summary>Seconds since 1970, rounded up.</summary>
    public uint Due;

    /// <summary>Seconds since 1970.</summary>
    public uint Arrived;

    private uint size;
    private uint hopAndStage;

    /// <summary>Octets of the body; 4 GiB for all above.</summary>
    public long Size
    {
        readonly get => size;
        set => size = (uint)Math.Min(value, uint.MaxValue);
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
