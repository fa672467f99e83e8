namespace Postrider.Queue.Spool.Log;

/// <summary>An envelope in the index: 64 octets.</summary>
internal struct EntrySlot : ISlot
{
    public ulong Id { get; set; }

    public ulong Message;
    public long Since;
    public long Due;

    /// <summary>The record of the envelope.</summary>
    public Location Envelope;

    /// <summary>The record of its state: that of the envelope until the first change.</summary>
    public Location State;
    public uint Version;
    public int Body;
    public int NextHop;
    public ushort Attempts;
    public byte Starts;
    private byte flags;

    public bool IsHeld
    {
        readonly get => (flags & 1) != 0;
        set => flags = (byte)((flags & ~1) | (value ? 1 : 0));
    }

    /// <summary>Whether it has a deadline. It stays as it is, like the priority.</summary>
    public bool HasDeadline
    {
        readonly get => (flags & 2) != 0;
        set => flags = (byte)((flags & ~2) | (value ? 2 : 0));
    }

    /// <summary>-9 to 9.</summary>
    public sbyte Priority
    {
        readonly get => (sbyte)((sbyte)flags >> 2);
        set => flags = (byte)((value << 2) | (flags & 3));
    }

    /// <summary>All three in one octet, as files have them: that of an entry with none of them but held is 1, as it was before there were the others.</summary>
    public byte Flags
    {
        readonly get => flags;
        set => flags = value;
    }
}

/// <summary>A body in the index: 32 octets.</summary>
internal struct BodySlot : ISlot
{
    public ulong Id { get; set; }

    /// <summary>None where a record named it that is not there: lost, unless the replay finds it yet.</summary>
    public Location At;
    public long Length;
    public uint Checksum;
    public int Users;
}
