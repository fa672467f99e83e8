namespace Postrider.Delivery;

/// <summary>
/// Takes mail to one kind of place: another server, a Maildir. An agent reports an outcome for each
/// open recipient, or hands the whole attempt back as not tried; it never decides when to try again.
/// </summary>
public interface IDeliveryAgent
{
    /// <summary>
    /// Makes one attempt. Many run at the same time, as many as the site's limit allows; an agent that
    /// works in batches gathers them itself.
    /// </summary>
    /// <remarks>An exception defers the recipients that have no outcome yet with 4.3.0 and its message.</remarks>
    /// <param name="attempt">What is to be delivered, and where its outcomes go.</param>
    /// <param name="cancellationToken">The program stops and its patience is at an end: give up.</param>
    ValueTask DeliverAsync(DeliveryAttempt attempt, CancellationToken cancellationToken);
}
