using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;

namespace Postrider.Queue.Scheduling;

/// <summary>
/// Where delivery begins attempts and brings their outcomes. Each lease ends once, and its entry is
/// offered again only when the outcome is on disk: so nothing is delivered twice by this process.
/// </summary>
internal sealed class LeaseDesk(
    ISpool spool,
    Scheduler scheduler,
    OutcomeRecorder recorder,
    EntryCommands commands,
    MailQueueOptions options,
    TimeProvider time,
    IQueueObserver? observer) : ILeases
{
    private static readonly TimeSpan AfterNothing = TimeSpan.FromSeconds(1);
    private readonly DateTimeOffset started = time.GetUtcNow();
    private readonly RetrySchedule fetch = options.Retry.ToBeFetched(options.DelayReportAfter);
    private readonly RetrySchedule fetchOfReports = options.ReportRetry.ToBeFetched(options.DelayReportAfter);

    /// <inheritdoc/>
    public async ValueTask<StoredEnvelope?> BeginAsync(DueEntry entry)
    {
        if (scheduler.FindLease(entry) is null || await ReadAsync(entry) is not { } envelope)
            return null;
        if (envelope.Envelope.DeliverBy is { IsReturned: true } && envelope.HasRunOut(time.GetUtcNow()))
        {
            // RFC 2852 §4.1: it is not tried any more.
            await EndUntriedAsync(entry, envelope, "Nothing was tried in time");
            return null;
        }
        await spool.NoteAttemptAsync(entry.Id);
        return scheduler.Begin(entry, envelope) ? envelope : null;
    }

    /// <inheritdoc/>
    public async ValueTask<IBodyReader?> OpenBodyAsync(DueEntry entry)
    {
        if (scheduler.FindLease(entry) is null)
            return null;
        try
        {
            return await spool.OpenBodyAsync(entry.Id);
        }
        catch (SpoolDamageException e)
        {
            Tell(new QueueTrouble(time.GetUtcNow(), entry.Id, default, "A body is damaged; its entry is held", e));
            scheduler.SetAside(entry.Id);
            await commands.HoldAsync(entry.Id, $"The body is damaged: {e.Message}");
            return null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask CompleteAsync(DueEntry entry, IReadOnlyList<RecipientOutcome> outcomes, IReadOnlyList<Expansion>? expansions = null)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        if (outcomes.Count == 0)
        {
            // An agent that has nothing to say is not asked again in the same breath.
            NotTried(entry, time.GetUtcNow() + AfterNothing, "The attempt ended without an outcome");
            return;
        }
        if (scheduler.BeginEnd(entry) is not { } lease || (lease.Envelope ?? await ReadAsync(entry)) is not { } envelope)
            return;
        await recorder.AddAsync(Judge(envelope, outcomes, expansions ?? []));
    }

    /// <inheritdoc/>
    public void NotTried(DueEntry entry, DateTimeOffset until, string reason)
    {
        // What could be tried at no time since it came, and is too old, is given up; a queue that was
        // down for days tries once before.
        var now = time.GetUtcNow();
        var maximumAge = options.Retry.MaximumAge;
        var tooOldSince = now - started >= maximumAge ? now - maximumAge : DateTimeOffset.UnixEpoch;
        if (!scheduler.TryReturn(entry, until, reason, tooOldSince))
            _ = ReturnAsync(entry, until, reason, tooOldSince);
    }

    /// <inheritdoc/>
    public async ValueTask AwaitFetchAsync(DueEntry entry, DeliveryStatus status, Func<bool>? isAskedFor = null)
    {
        ArgumentNullException.ThrowIfNull(status);
        if (scheduler.BeginEnd(entry) is not { } lease || (lease.Envelope ?? await ReadAsync(entry)) is not { } envelope)
            return;
        scheduler.Explain(entry, status.Text);
        var state = envelope.State;
        // What a server said of it when it was last fetched is worth more than that it waits again.
        List<RecipientOutcome> outcomes = [.. state.Open.Select(open => new RecipientOutcome(open.Index, open.Last ?? status))];
        var now = time.GetUtcNow();
        var verdict = AttemptVerdict.Judge(envelope, outcomes, now, envelope.Envelope.ReversePath.IsNull ? fetchOfReports : fetch, options.DelayReportAfter, 0);
        // It was made due though nothing is: there is nothing to write down, unless an attempt had begun (rule 19).
        if (lease.Envelope is null && !verdict.IsExpired && verdict.Reported.IsEmpty && verdict.Due == state.Due)
        {
            if (scheduler.End(entry.Id, state) is { } wanted)
                commands.Run(entry.Id, wanted);
            else
                Ask();
            return;
        }
        await recorder.AddAsync(verdict.IsExpired ? Outcome(envelope, verdict, [], now) : Awaited(envelope, verdict, status.Text, now, Ask));

        // Who asked while it was being put away found it with delivery.
        void Ask()
        {
            if (isAskedFor?.Invoke() == true)
                scheduler.MakeDue(entry.Id);
        }
    }

    /// <inheritdoc/>
    public async ValueTask RerouteAsync(DueEntry entry, IReadOnlyList<string> nextHops)
    {
        ArgumentNullException.ThrowIfNull(nextHops);
        if (scheduler.BeginEnd(entry) is not { } lease || (lease.Envelope ?? await ReadAsync(entry)) is not { } envelope)
            return;
        var state = envelope.State;
        if (nextHops.Count != state.Open.Length)
        {
            scheduler.End(entry.Id, state);
            throw new ArgumentException($"There are {state.Open.Length} open recipients, and {nextHops.Count} next hops for them.", nameof(nextHops));
        }
        var groups = state.Open.Select((open, i) => (Open: open, NextHop: nextHops[i])).GroupBy(recipient => recipient.NextHop, StringComparer.Ordinal).ToList();
        if (groups is [{ Key: var only }] && string.Equals(only, envelope.NextHop, StringComparison.Ordinal))
        {
            await recorder.AddAsync(Unchanged(envelope, state.Due));
            return;
        }
        // It was offered because it is due, be it that an operator made it so: its parts are, too.
        var now = time.GetUtcNow();
        var due = Earlier(state.Due, now);
        var parts = groups.ConvertAll(group => Part(envelope, group.Select(recipient => recipient.Open), group.Key, state.Attempts, due));
        await recorder.AddAsync(new PendingOutcome
        {
            Envelope = envelope,
            Change = new EntryChange(envelope.Id, state.Version + 1, null),
            Parts = parts,
            Events = [new EntrySplit(now, envelope.Id, envelope.Message, parts.ConvertAll(part => part.Id))],
            Ended = End,
        });
    }

    private async ValueTask<StoredEnvelope?> ReadAsync(DueEntry entry)
    {
        try
        {
            if (await spool.ReadAsync(entry.Id) is { } envelope)
                return envelope;
            scheduler.Forget(entry.Id);
        }
        catch (SpoolDamageException e)
        {
            Tell(new QueueTrouble(time.GetUtcNow(), entry.Id, default, "An envelope is damaged; it is held", e));
            scheduler.SetAside(entry.Id);
        }
        return null;
    }

    // An attempt that had begun is noted in the spool, and only a change of the entry ends the note (rule 19).
    private async Task ReturnAsync(DueEntry entry, DateTimeOffset until, string reason, DateTimeOffset tooOldSince)
    {
        try
        {
            if (scheduler.FindLease(entry) is not { } lease || (lease.Envelope ?? await ReadAsync(entry)) is not { } envelope)
                return;
            var now = time.GetUtcNow();
            until = envelope.WithinTime(until, now);
            if (envelope.Since <= tooOldSince || envelope.HasRunOut(now))
                await EndUntriedAsync(entry, envelope, reason);
            else if (!scheduler.TryReturn(entry, until, reason, tooOldSince, isWithinTime: true) && scheduler.BeginEnd(entry) is not null)
                await recorder.AddAsync(Unchanged(envelope, until));
        }
        catch (Exception e)
        {
            // Nobody awaits this. The lease stays with us, and a restart offers the entry again.
            Tell(new QueueTrouble(time.GetUtcNow(), entry.Id, default, "An entry could not be handed back", e));
        }
    }

    // What it was not tried for is what is said of it, unless an attempt before said something.
    private async ValueTask EndUntriedAsync(DueEntry entry, StoredEnvelope envelope, string reason)
    {
        if (scheduler.BeginEnd(entry) is null)
            return;
        var status = new DeliveryStatus(DeliveryResult.Deferred, AttemptVerdict.TooOld, reason);
        await recorder.AddAsync(Judge(envelope, [.. envelope.State.Open.Select(open => new RecipientOutcome(open.Index, open.Last ?? status))], []));
    }

    private PendingOutcome Unchanged(StoredEnvelope envelope, DateTimeOffset until)
    {
        var version = envelope.State.Version + 1;
        return new PendingOutcome
        {
            Envelope = envelope,
            Change = new EntryChange(envelope.Id, version, envelope.State with { Version = version, Due = until }),
            Ended = End,
        };
    }

    // It is no attempt: it counts as none.
    private PendingOutcome Awaited(StoredEnvelope envelope, AttemptVerdict verdict, string reason, DateTimeOffset now, Action ended)
    {
        var version = envelope.State.Version + 1;
        return new PendingOutcome
        {
            Envelope = envelope,
            Change = new EntryChange(envelope.Id, version, envelope.State with { Version = version, Due = verdict.Due, Open = verdict.Deferred }),
            Reported = verdict.Reported,
            Events = [new FetchAwaited(now, envelope.Id, envelope.Message, envelope.NextHop, reason)],
            Ended = (outcome, isRecorded) =>
            {
                End(outcome, isRecorded);
                ended();
            },
        };
    }

    private PendingOutcome Judge(StoredEnvelope envelope, IReadOnlyList<RecipientOutcome> outcomes, IReadOnlyList<Expansion> expansions)
    {
        var now = time.GetUtcNow();
        var schedule = envelope.Envelope.ReversePath.IsNull ? options.ReportRetry : options.Retry;
        var verdict = AttemptVerdict.Judge(envelope, outcomes, now, schedule, options.DelayReportAfter, Chance());
        return Outcome(envelope, verdict, expansions, now);
    }

    private PendingOutcome Outcome(StoredEnvelope envelope, AttemptVerdict verdict, IReadOnlyList<Expansion> expansions, DateTimeOffset now)
    {
        var state = envelope.State;
        var version = state.Version + 1;

        // Deferred and untried ones are due at different times: the untried move to an envelope of their own.
        var isSplit = !verdict.Deferred.IsEmpty && !verdict.Untried.IsEmpty;
        var next = (verdict.Deferred.IsEmpty, verdict.Untried.IsEmpty) switch
        {
            (true, true) => null,
            (true, false) => state with { Version = version, Due = Earlier(state.Due, now), Open = verdict.Untried },
            _ => state with { Version = version, Attempts = verdict.Attempts, Due = verdict.Due, Open = verdict.Deferred },
        };
        NewEnvelope[] parts = isSplit ? [Part(envelope, verdict.Untried, envelope.NextHop, state.Attempts, Earlier(state.Due, now))] : [];
        NewEnvelope[] expanded = [.. expansions.Select(expansion => Expanded(envelope, expansion, now))];
        return new PendingOutcome
        {
            Envelope = envelope,
            Change = new EntryChange(envelope.Id, version, next),
            Parts = [.. parts, .. expanded],
            Reported = verdict.Reported,
            Events = observer is null ? [] : Events(envelope, verdict, now, parts, expanded),
            Ended = End,
        };
    }

    private static List<QueueEvent> Events(StoredEnvelope envelope, AttemptVerdict verdict, DateTimeOffset now, NewEnvelope[] parts, NewEnvelope[] expanded)
    {
        var events = new List<QueueEvent>(verdict.Outcomes.Length + parts.Length + expanded.Length);
        foreach (var (recipient, status) in verdict.Outcomes)
        {
            events.Add(new AttemptEnded(
                now,
                envelope.Id,
                envelope.Message,
                envelope.NextHop,
                envelope.Envelope.ReversePath,
                envelope.Envelope.Recipients[recipient],
                status,
                verdict.Attempts,
                now - envelope.Arrived,
                status.Result == DeliveryResult.Deferred ? verdict.Due : null,
                status.Result == DeliveryResult.Failed && verdict.IsExpired && (status.Enhanced == AttemptVerdict.TooOld || status.Enhanced == AttemptVerdict.TooLate)));
        }
        if (verdict.Silenced > 0)
            events.Add(new ReportDropped(now, envelope.Id, envelope.Message, verdict.Silenced, "The sender wants no report of failures"));
        if (parts.Length > 0)
            events.Add(new EntrySplit(now, envelope.Id, envelope.Message, [envelope.Id, .. parts.Select(part => part.Id)]));
        foreach (var envelopeOfOthers in expanded)
            events.Add(new EnvelopeAccepted(now, envelopeOfOthers));
        return events;
    }

    // The age of the message counts on: a list does not make it younger. Its own attempts begin anew.
    private NewEnvelope Expanded(StoredEnvelope whole, Expansion expansion, DateTimeOffset now) => new()
    {
        Id = spool.NewId(),
        Message = whole.Message,
        Body = whole.Body,
        Envelope = expansion.Envelope,
        Edits = expansion.Edits,
        NextHop = expansion.NextHop,
        Arrived = whole.Arrived,
        State = new EntryState { Version = 1, Attempts = 0, Due = Earlier(whole.State.Due, now), Open = [.. expansion.Envelope.Recipients.Select(static (_, i) => new OpenRecipient(i, null))] },
    };

    private NewEnvelope Part(StoredEnvelope whole, IEnumerable<OpenRecipient> open, string nextHop, int attempts, DateTimeOffset due)
    {
        var recipients = new List<EnvelopeRecipient>();
        var stillOpen = new List<OpenRecipient>();
        foreach (var recipient in open)
        {
            stillOpen.Add(new OpenRecipient(recipients.Count, recipient.Last));
            recipients.Add(whole.Envelope.Recipients[recipient.Index]);
        }
        return new NewEnvelope
        {
            Id = spool.NewId(),
            Message = whole.Message,
            Body = whole.Body,
            Envelope = whole.Envelope with { Recipients = [.. recipients] },
            Edits = whole.Edits,
            NextHop = nextHop,
            Arrived = whole.Arrived,
            State = new EntryState { Version = 1, Attempts = attempts, Due = due, Open = [.. stillOpen] },
        };
    }

    private void End(PendingOutcome outcome, bool isRecorded)
    {
        var id = outcome.Envelope.Id;
        if (!isRecorded)
            scheduler.SetAside(id);
        else if (scheduler.End(id, outcome.Change.State) is { } wanted)
            commands.Run(id, wanted);
    }

    // Both are due at once; the time of before says whether it had come before a deadline did.
    private static DateTimeOffset Earlier(DateTimeOffset due, DateTimeOffset now) => due < now ? due : now;

    private double Chance()
    {
        Span<byte> octets = stackalloc byte[4];
        options.Random(octets);
        return BitConverter.ToUInt32(octets) / (double)uint.MaxValue;
    }

    private void Tell(QueueEvent happened) => observer?.Observe(happened);
}
