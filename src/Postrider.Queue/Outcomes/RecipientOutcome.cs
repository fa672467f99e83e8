namespace Postrider.Queue.Outcomes;

/// <summary>The outcome of an attempt for one recipient of an envelope.</summary>
/// <param name="Recipient">Its index among the envelope's recipients.</param>
/// <param name="Status">What became of it.</param>
public readonly record struct RecipientOutcome(int Recipient, DeliveryStatus Status);
