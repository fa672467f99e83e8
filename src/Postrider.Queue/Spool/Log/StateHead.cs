using Postrider.Queue.Outcomes;
using Postrider.Smtp.Envelopes;

namespace Postrider.Queue.Spool.Log;

/// <summary>What the index keeps of a state; it stands first, so that a replay reads no further.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Attempts">Attempts made.</param>
/// <param name="Due">When the next is due, in ticks of UTC.</param>
/// <param name="Starts">Attempts that began and did not end.</param>
/// <param name="Flags">Whether it is held; in the record of an envelope also its priority and whether it has a deadline, as <see cref="EntrySlot.Flags"/>.</param>
internal readonly record struct StateHead(uint Version, uint Attempts, long Due, byte Starts, byte Flags)
{
    public bool IsHeld => (Flags & 1) != 0;

    public static StateHead Of(EntryState state, byte starts = 0, Envelope? envelope = null)
    {
        var slot = new EntrySlot { IsHeld = state.HoldReason is not null, Priority = envelope?.Priority ?? 0, HasDeadline = envelope?.DeliverBy is not null };
        return new(state.Version, (uint)state.Attempts, state.Due.UtcTicks, starts, slot.Flags);
    }
}
