using System.Security.Cryptography;

namespace Postrider.Load.Accounting;

/// <summary>What became of a message, as far as its sender knows.</summary>
internal enum SentState : byte
{
    /// <summary>Not begun.</summary>
    None,

    /// <summary>Its transaction began and has not ended, or broke before the last reply: it may arrive or not.</summary>
    Open,

    /// <summary>The server took it with 250, for all its recipients: it must arrive.</summary>
    Accepted,

    /// <summary>The server refused it, or some of its recipients.</summary>
    Refused,
}

/// <summary>Each message of a run with what its sender knows of it. One thread writes, others may look.</summary>
internal sealed class SentLedger
{
    private SentState[] states = new SentState[1 << 16];

    /// <summary>Tells the messages of this run from those that an earlier one left.</summary>
    public uint Run { get; } = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);

    /// <summary>Messages begun.</summary>
    public int Begun { get; private set; }

    /// <summary>Messages taken.</summary>
    public int Accepted { get; private set; }

    public SentState this[int number] => number < Begun ? states[number] : SentState.None;

    /// <summary>Begins the next message and gives its number.</summary>
    public int Begin()
    {
        if (Begun == states.Length)
            Array.Resize(ref states, states.Length * 2);
        states[Begun] = SentState.Open;
        return Begun++;
    }

    /// <summary>Notes the end of a transaction.</summary>
    public void End(int number, bool accepted)
    {
        states[number] = accepted ? SentState.Accepted : SentState.Refused;
        if (accepted)
            Accepted++;
    }
}
