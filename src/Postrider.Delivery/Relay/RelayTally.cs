namespace Postrider.Delivery.Relay;

/// <summary>What became of the mail that went over one connection.</summary>
/// <param name="Messages">Entries of the queue that were attempted.</param>
/// <param name="Relayed">Recipients that were served.</param>
/// <param name="Deferred">Recipients that stay in the queue.</param>
/// <param name="Failed">Recipients that are reported to the sender.</param>
public readonly record struct RelayTally(int Messages, int Relayed, int Deferred, int Failed);
