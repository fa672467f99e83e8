namespace Postrider.Queue.Spool.Log;

/// <summary>An envelope in the index: 64 octets.</summary>
internal struct EntrySlot : ISlot
{
    public ulong Id { get; set; }

    public ulong Message;
    public long Arrived;
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
    public bool IsHeld;
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
