using System.Collections.Immutable;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;

namespace Postrider.Delivery;

/// <summary>
/// One leased entry under way. The agent reads it, reports what became of each open recipient, and
/// returns; the dispatcher then ends the lease. Calls come one at a time, from any thread.
/// </summary>
public sealed class DeliveryAttempt
{
    private readonly ILeases leases;
    private readonly List<RecipientOutcome> outcomes;
    private readonly List<Expansion> expansions = [];

    /// <summary>Makes an attempt.</summary>
    /// <param name="entry">The lease.</param>
    /// <param name="envelope">The envelope, as <see cref="ILeases.BeginAsync"/> gave it.</param>
    /// <param name="target">Where its open recipients go.</param>
    /// <param name="leases">Where the body comes from.</param>
    public DeliveryAttempt(DueEntry entry, StoredEnvelope envelope, RouteTarget target, ILeases leases)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(leases);
        Entry = entry;
        Envelope = envelope;
        Target = target;
        this.leases = leases;
        outcomes = new List<RecipientOutcome>(envelope.State.Open.Length);
    }

    /// <summary>The lease.</summary>
    public DueEntry Entry { get; }

    /// <summary>The envelope; only the recipients in <see cref="Open"/> are to be served.</summary>
    public StoredEnvelope Envelope { get; }

    /// <summary>Where the open recipients go.</summary>
    public RouteTarget Target { get; }

    /// <summary>The recipients to be served; at least one.</summary>
    public ImmutableArray<OpenRecipient> Open => Envelope.State.Open;

    /// <summary>What has been reported so far, in the order of the reports.</summary>
    public IReadOnlyList<RecipientOutcome> Outcomes => outcomes;

    /// <summary>Who takes the place of expanded recipients.</summary>
    public IReadOnlyList<Expansion> Expansions => expansions;

    /// <summary>Whether each open recipient has its outcome.</summary>
    public bool IsComplete => outcomes.Count == Open.Length;

    /// <summary>Whether the entry has gone from the queue meanwhile: nothing more is to be reported of it.</summary>
    public bool IsGone { get; private set; }

    /// <summary>When the entry may be offered again, if the attempt was handed back.</summary>
    public DateTimeOffset? NotTriedUntil { get; private set; }

    /// <summary>Why the attempt was handed back, or null.</summary>
    public string? NotTriedReason { get; private set; }

    /// <summary>What was found out about the site, or null.</summary>
    public SiteCondition? Condition { get; private set; }

    /// <summary>What the site said or did, for <see cref="Condition"/>.</summary>
    public string? ConditionReason { get; private set; }

    /// <summary>A recipient of the envelope by its index.</summary>
    public EnvelopeRecipient Recipient(int recipient) => Envelope.Envelope.Recipients[recipient];

    /// <summary>Opens the message, its edits applied. Null where the entry has gone meanwhile: return then, nothing is to be reported.</summary>
    /// <param name="prefix">What stands before it, whole lines with CRLF: a Return-Path, or nothing.</param>
    /// <exception cref="SpoolDamageException">The body is damaged on disk.</exception>
    public async ValueTask<MessageContent?> OpenContentAsync(ReadOnlyMemory<byte> prefix = default)
    {
        var body = await leases.OpenBodyAsync(Entry);
        IsGone = body is null;
        return body is null ? null : new MessageContent(body, Envelope.Edits, prefix);
    }

    /// <summary>Whether a recipient has an outcome.</summary>
    public bool HasOutcome(int recipient)
    {
        foreach (var outcome in outcomes)
        {
            if (outcome.Recipient == recipient)
                return true;
        }
        return false;
    }

    /// <summary>Says what became of one recipient.</summary>
    /// <param name="recipient">Its index among the envelope's recipients.</param>
    /// <param name="status">What became of it.</param>
    /// <exception cref="InvalidOperationException">It is not open, or has its outcome already.</exception>
    public void Report(int recipient, DeliveryStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        if (!IsOpen(recipient) || HasOutcome(recipient))
            throw new InvalidOperationException($"Recipient {recipient} of {Entry.Id} is not open, or has its outcome already.");
        outcomes.Add(new RecipientOutcome(recipient, status));
    }

    /// <summary>Says that others take the place of a recipient: they are stored in one commit with its end.</summary>
    /// <param name="recipient">Its index among the envelope's recipients.</param>
    /// <param name="status">What to log of it; its result is <see cref="DeliveryResult.Expanded"/>, or that of a delivery to a list.</param>
    /// <param name="others">Those who get the message in its place; none where all of them get it anyway.</param>
    /// <exception cref="InvalidOperationException">It is not open, or has its outcome already.</exception>
    public void Expand(int recipient, DeliveryStatus status, IEnumerable<Expansion> others)
    {
        ArgumentNullException.ThrowIfNull(others);
        Report(recipient, status);
        expansions.AddRange(others);
    }

    /// <summary>Says the same of all open recipients that have no outcome yet.</summary>
    public void ReportRemaining(DeliveryStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        foreach (var open in Open)
        {
            if (!HasOutcome(open.Index))
                outcomes.Add(new RecipientOutcome(open.Index, status));
        }
    }

    /// <summary>
    /// Hands the attempt back unspent: it does not count and no retry clock moves. It has no effect
    /// where an outcome is reported.
    /// </summary>
    /// <param name="until">When the entry may be offered again.</param>
    /// <param name="reason">Why, for the queue listing.</param>
    public void NotTried(DateTimeOffset until, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        NotTriedUntil = until;
        NotTriedReason = reason;
    }

    /// <summary>
    /// Says how the site as a whole is doing, beside the recipients' outcomes: its concurrency adapts,
    /// and the rest of its mail waits while it cannot be reached.
    /// </summary>
    /// <param name="condition">How it is doing.</param>
    /// <param name="reason">What it said or did, in one line.</param>
    public void ReportSite(SiteCondition condition, string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        Condition = condition;
        ConditionReason = reason;
    }

    private bool IsOpen(int recipient)
    {
        foreach (var open in Open)
        {
            if (open.Index == recipient)
                return true;
        }
        return false;
    }
}
