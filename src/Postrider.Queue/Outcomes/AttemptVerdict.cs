using System.Collections.Immutable;
using System.Globalization;
using Postrider.Mime.Reports;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Queue.Outcomes;

/// <summary>
/// What follows from an attempt for the recipients of an entry: who is done, who failed, who waits
/// and until when, and who was not reached and is due at once. A pure function of its arguments.
/// </summary>
internal sealed class AttemptVerdict
{
    internal static readonly EnhancedStatusCode TooOld = new(4, 4, 7);

    /// <summary>Its failure where the sender set the time and wants it back (RFC 2852 §4.1).</summary>
    internal static readonly EnhancedStatusCode TooLate = new(5, 4, 7);

    private AttemptVerdict()
    {
    }

    /// <summary>Attempts made, this one counted.</summary>
    public required int Attempts { get; init; }

    /// <summary>The outcome of each recipient that has one; what is deferred and too old has failed.</summary>
    public required ImmutableArray<RecipientOutcome> Outcomes { get; init; }

    /// <summary>Those of the outcomes that the sender is to be told of, as a report has them.</summary>
    public required ImmutableArray<ReportedRecipient> Reported { get; init; }

    /// <summary>Recipients that failed without the sender being told, as it wished.</summary>
    public required int Silenced { get; init; }

    /// <summary>Recipients to be tried again at <see cref="Due"/>.</summary>
    public required ImmutableArray<OpenRecipient> Deferred { get; init; }

    /// <summary>Recipients that the attempt did not come to, as they were.</summary>
    public required ImmutableArray<OpenRecipient> Untried { get; init; }

    /// <summary>When the deferred ones are due.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>Whether what was deferred is given up for its age.</summary>
    public required bool IsExpired { get; init; }

    /// <summary>Judges an attempt.</summary>
    /// <param name="envelope">The envelope with its state before the attempt.</param>
    /// <param name="outcomes">What the attempt said; of two for one recipient the first counts, and one for a recipient that is not open says nothing.</param>
    /// <param name="now">The time.</param>
    /// <param name="schedule">When to try again.</param>
    /// <param name="lateAfter">The age at which the delay of a message is told to a sender who asked for it.</param>
    /// <param name="chance">A random number, 0 to 1.</param>
    public static AttemptVerdict Judge(
        StoredEnvelope envelope,
        IReadOnlyList<RecipientOutcome> outcomes,
        DateTimeOffset now,
        RetrySchedule schedule,
        TimeSpan lateAfter,
        double chance)
    {
        var attempts = envelope.State.Attempts + 1;
        var wait = schedule.Next(attempts, now - envelope.Since, chance);
        var by = envelope.Envelope.DeliverBy;
        var hasRunOut = envelope.HasRunOut(now);
        if (hasRunOut && by!.IsReturned)
            wait = null;
        var due = envelope.WithinTime(now + (wait ?? TimeSpan.Zero), now);
        // Told once, and nothing need be remembered of it: the attempts before were due earlier, and those behind are later.
        var lateAt = envelope.Since + lateAfter;
        var isLate = envelope.State.Due < lateAt && due >= lateAt;
        var judged = ImmutableArray.CreateBuilder<RecipientOutcome>(outcomes.Count);
        ImmutableArray<OpenRecipient>.Builder? deferred = null;
        ImmutableArray<ReportedRecipient>.Builder? reported = null;
        var silenced = 0;
        ImmutableArray<OpenRecipient>.Builder? untried = null;
        foreach (var open in envelope.State.Open)
        {
            if (Find(outcomes, open.Index) is not { } status)
            {
                (untried ??= ImmutableArray.CreateBuilder<OpenRecipient>()).Add(open);
                continue;
            }
            var said = status;
            if (status.Result == DeliveryResult.Deferred)
            {
                if (wait is null)
                    status = hasRunOut && by!.IsReturned ? Return(status, by.Time) : Expire(status, schedule.MaximumAge);
                else
                    (deferred ??= ImmutableArray.CreateBuilder<OpenRecipient>()).Add(new OpenRecipient(open.Index, status));
            }
            judged.Add(new RecipientOutcome(open.Index, status));
            var recipient = envelope.Envelope.Recipients[open.Index];
            if (SenderWish.ActionFor(recipient, status, isLate, by, hasRunOut) is { } action)
            {
                var report = Report(recipient, action, status, said, now);
                // RFC 2852 §4.1: a delay that the sender has set a time for has the code of times that are over.
                if (action == ReportAction.Delayed && hasRunOut)
                    report = report with { Status = TooOld };
                (reported ??= ImmutableArray.CreateBuilder<ReportedRecipient>())
                    .Add(action == ReportAction.Delayed ? report with { WillRetryUntil = envelope.Since + schedule.MaximumAge } : report);
            }
            else if (status.Result == DeliveryResult.Failed)
            {
                silenced++;
            }
        }
        return new AttemptVerdict
        {
            Attempts = attempts,
            Outcomes = judged.ToImmutable(),
            Reported = reported?.ToImmutable() ?? [],
            Silenced = silenced,
            Deferred = deferred?.ToImmutable() ?? [],
            Untried = untried?.ToImmutable() ?? [],
            Due = due,
            IsExpired = wait is null,
        };
    }

    /// <summary>The failure that a temporary one becomes with age: 4.4.7, delivery time expired (RFC 3463 §3.5).</summary>
    public static DeliveryStatus Expire(DeliveryStatus last, TimeSpan maximumAge) =>
        new(DeliveryResult.Failed, TooOld, $"Given up after {Words(maximumAge)}: {last.Text}", last.ReplyCode, last.RemoteHost);

    private static DeliveryStatus Return(DeliveryStatus last, TimeSpan time) =>
        new(DeliveryResult.Failed, TooLate, $"Not delivered within {time.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds, as the sender wanted: {last.Text}", last.ReplyCode, last.RemoteHost);

    private static ReportedRecipient Report(EnvelopeRecipient recipient, ReportAction action, DeliveryStatus status, DeliveryStatus said, DateTimeOffset now) =>
        new(recipient.Mailbox, action, status.Enhanced, status.Text)
        {
            OriginalRecipient = recipient.OriginalRecipient,
            RemoteHost = said.RemoteHost,
            ReplyCode = said.ReplyCode,
            Diagnostic = EnhancedStatusCode.TryParse(said.Text, out _, out _) ? said.Text : $"{said.Enhanced} {said.Text}",
            LastAttempt = now,
        };

    private static DeliveryStatus? Find(IReadOnlyList<RecipientOutcome> outcomes, int recipient)
    {
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].Recipient == recipient)
                return outcomes[i].Status;
        }
        return null;
    }

    private static string Words(TimeSpan span) => span.TotalDays >= 2
        ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.#} days")
        : string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0.##} hours");
}
