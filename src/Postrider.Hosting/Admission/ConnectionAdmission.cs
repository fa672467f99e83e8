using System.Runtime.InteropServices;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Hosting.Admission;

/// <summary>
/// Connections by address and network, and how fast they come. What is kept is bounded by the connections that
/// there are, and by the table of rates.
/// </summary>
internal sealed class ConnectionAdmission(CurrentSettings settings, TimeProvider time) : IConnectionAdmission
{
    private readonly long start = time.GetTimestamp();
    private readonly RateTable<AddressBlock> rates = new();
    private readonly Lock gate = new();
    private readonly Dictionary<AddressBlock, int> open = [];

    public Reply? Admit(SessionFacts facts, out IDisposable? admitted)
    {
        admitted = null;
        var limits = settings.Value.Admission;
        if (facts.PeerAddress is not { } peer || limits.IsExempt(peer))
            return null;
        var address = limits.AddressOf(peer);
        var network = limits.NetworkOf(peer);
        // A refused connection takes of the rate too: who goes on trying goes on being told.
        if (!rates.TryTake(address, 1, limits.Connections, time.GetElapsedTime(start).Ticks))
            return ReplyCatalogue.ConnectingTooFast;
        lock (gate)
        {
            if (limits.PerAddress > 0 && open.GetValueOrDefault(address) >= limits.PerAddress)
                return ReplyCatalogue.TooManyFromAddress;
            // Where an address is a network by itself, it counts once.
            if (limits.PerNetwork > 0 && open.GetValueOrDefault(network) >= limits.PerNetwork)
                return ReplyCatalogue.TooManyFromNetwork;
            CollectionsMarshal.GetValueRefOrAddDefault(open, address, out _)++;
            if (network != address)
                CollectionsMarshal.GetValueRefOrAddDefault(open, network, out _)++;
        }
        admitted = new Admitted(this, address, network);
        return null;
    }

    public TimeSpan GreetingDelay(SessionFacts facts) =>
        settings.Value.Admission is var limits && limits.IsExempt(facts.PeerAddress) ? TimeSpan.Zero : limits.GreetingDelay;

    private void Leave(AddressBlock address, AddressBlock network)
    {
        lock (gate)
        {
            Less(address);
            if (network != address)
                Less(network);
        }
    }

    private void Less(AddressBlock block)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(open, block);
        if (--count == 0)
            open.Remove(block);
    }

    // Keeps what was counted: a reload may make other blocks of the same address.
    private sealed class Admitted(ConnectionAdmission admission, AddressBlock address, AddressBlock network) : IDisposable
    {
        private bool left;

        public void Dispose()
        {
            if (left)
                return;
            left = true;
            admission.Leave(address, network);
        }
    }
}
