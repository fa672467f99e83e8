using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using Postrider.Delivery.Routing;
using Postrider.Mime.Headers;
using Postrider.Queue.Outcomes;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Delivery.People;

/// <summary>
/// Puts those who are behind an alias, a list or a forward in its place: envelopes over the same body, in one commit
/// with its end (rule 1). Nothing is sent here. A message that comes back to an address it has been at is a loop.
/// </summary>
public sealed class ExpansionAgent : IDeliveryAgent
{
    private const int MostRecipientsOfEnvelope = 1000;

    // Delivered-To fields stand at the start; what is behind this much of a header was there before.
    private const int MostHeader = 64 * 1024;

    private static readonly EnhancedStatusCode success = new(2, 0, 0);

    private static readonly DeliveryStatus loop =
        new(DeliveryResult.Failed, new EnhancedStatusCode(5, 4, 6), "Mail loop: the message has been at this address before");

    private static readonly DeliveryStatus tooMany =
        new(DeliveryResult.Failed, new EnhancedStatusCode(5, 2, 4), string.Create(CultureInfo.InvariantCulture, $"More than {AddressBookBuilder.MostTargets} recipients are behind this address"));

    private static readonly DeliveryStatus nobody =
        new(DeliveryResult.Failed, new EnhancedStatusCode(5, 2, 4), "Nobody is behind this address");

    /// <inheritdoc/>
    public async ValueTask DeliverAsync(DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        var routes = ((ExpansionTarget)attempt.Target).Routes;
        await using var content = await attempt.OpenContentAsync();
        if (content is null)
            return;
        var header = ArrayPool<byte>.Shared.Rent((int)Math.Min(content.Length + 1, MostHeader));
        try
        {
            var length = await content.ReadAsync(header, cancellationToken);
            var expander = new Expander(routes);
            foreach (var open in attempt.Open)
                Expand(attempt, open.Index, routes, expander, header.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(header);
        }
    }

    private static void Expand(DeliveryAttempt attempt, int recipient, RoutingTable routes, Expander expander, ReadOnlySpan<byte> header)
    {
        var envelope = attempt.Envelope;
        var address = routes.WithDomain(attempt.Recipient(recipient).Mailbox);
        if (DeliveredToField.Contains(header, address))
        {
            attempt.Report(recipient, loop);
            return;
        }
        var others = expander.Expand(address, envelope.Envelope.ReversePath);
        if (others.Count > AddressBookBuilder.MostTargets)
        {
            attempt.Report(recipient, tooMany);
            return;
        }
        // Where another recipient of the same message stands for the same people, they get it by that one.
        if (others.Count == 0 && attempt.Expansions.Count == 0)
        {
            attempt.Report(recipient, nobody);
            return;
        }
        var edits = envelope.Edits.Prepend(DeliveredToField.Format(address));
        attempt.Expand(recipient, StatusOf(others), Envelopes(attempt.Recipient(recipient), others, envelope.Envelope, routes, edits));
    }

    // RFC 3461 §5.2.7: delivery to a list is its end for the sender, one who gets it instead is reported on by who
    // delivers to that one, and what several get is expanded.
    private static DeliveryStatus StatusOf(List<ExpandedRecipient> others)
    {
        var count = string.Create(CultureInfo.InvariantCulture, $"{others.Count} recipient{(others.Count == 1 ? "" : "s")}");
        return others.Count > 0 && others.TrueForAll(static other => other.IsByList)
            ? new DeliveryStatus(DeliveryResult.Delivered, success, $"Delivered to the list, {count}")
            : new DeliveryStatus(DeliveryResult.Expanded, success, $"Expanded to {count}") { IsReportedOn = others.Count == 1 };
    }

    private static IEnumerable<Expansion> Envelopes(
        EnvelopeRecipient instead, List<ExpandedRecipient> others, Envelope envelope, RoutingTable routes, HeaderEdits edits) =>
        from other in others
        let recipient = other.IsByList ? other.Recipient : WithWishes(other.Recipient, instead, others.Count == 1)
        group recipient by (other.Sender, other.IsByList, NextHop: routes.NextHopKey(recipient)) into hop
        let kept = hop.Key.IsByList ? envelope with { EnvelopeId = null, Return = ReturnContent.Unspecified, DeliverBy = null } : envelope
        from recipients in hop.Chunk(MostRecipientsOfEnvelope)
        select new Expansion(kept with { ReversePath = hop.Key.Sender, Recipients = ImmutableArray.Create(recipients) }, hop.Key.NextHop, edits);

    // RFC 3461 §5.2.7.1 and §5.2.7.2: an alias hands on what the sender wants to be told, success only where it stands for one.
    private static EnvelopeRecipient WithWishes(EnvelopeRecipient recipient, EnvelopeRecipient instead, bool isOnlyOne)
    {
        var notify = isOnlyOne ? instead.Notify : instead.Notify & ~Notifications.Success;
        if (notify == Notifications.Unspecified && instead.Notify != Notifications.Unspecified)
            notify = Notifications.Never;
        return recipient with { Notify = notify, OriginalRecipient = instead.OriginalRecipient };
    }
}
