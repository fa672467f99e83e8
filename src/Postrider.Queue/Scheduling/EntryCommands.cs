using Postrider.Mime.Reports;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;
using Postrider.Smtp.Replies;

namespace Postrider.Queue.Scheduling;

/// <summary>Holds, releases and deletes entries, at an operator's wish or the queue's own.</summary>
internal sealed class EntryCommands(
    ISpool spool, Scheduler scheduler, ReportWriter reports, TimeProvider time, IQueueObserver? observer)
{
    private static readonly EnhancedStatusCode Deleted = new(5, 0, 0);

    /// <summary>Puts an entry on hold.</summary>
    public Task<CommandResult> HoldAsync(SpoolId id, string reason) => ExecuteAsync(id, new EntryCommand(EntryCommandKind.Hold, reason));

    /// <summary>Does a command, or leaves it to be done when the attempt under way has ended.</summary>
    public async Task<CommandResult> ExecuteAsync(SpoolId id, EntryCommand command)
    {
        var taken = scheduler.Take(id, command, out var wasHeld);
        return taken == CommandResult.Done ? await DoAsync(id, command, wasHeld) : taken;
    }

    /// <summary>Does a command on an entry that has been taken out of the turn; nobody waits for its end.</summary>
    public async void Run(SpoolId id, EntryCommand command) => await DoAsync(id, command, wasHeld: false);

    private async Task<CommandResult> DoAsync(SpoolId id, EntryCommand command, bool wasHeld)
    {
        StoredEnvelope? envelope = null;
        try
        {
            envelope = await spool.ReadAsync(id);
            if (envelope is null)
            {
                scheduler.Forget(id);
                return CommandResult.NotFound;
            }
            return command.Kind switch
            {
                EntryCommandKind.Hold => await HoldAsync(envelope, command.Reason!, wasHeld),
                EntryCommandKind.Release => await ReleaseAsync(envelope, wasHeld),
                _ => await DeleteAsync(envelope, command.Reason, wasHeld),
            };
        }
        catch (SpoolDamageException e)
        {
            return await DoToDamagedAsync(id, command, e);
        }
        catch (Exception e)
        {
            // The entry must not stay out of the turn, whatever the spool threw.
            Tell(new QueueTrouble(time.GetUtcNow(), id, envelope?.Message ?? default, $"{command.Kind} could not be stored", e));
            scheduler.Restore(id, wasHeld, due: null);
            return CommandResult.Failed;
        }
    }

    private async Task<CommandResult> HoldAsync(StoredEnvelope envelope, string reason, bool wasHeld)
    {
        if (envelope.State.HoldReason is not null)
        {
            scheduler.Restore(envelope.Id, isHeld: true, due: null);
            return CommandResult.AlreadySo;
        }
        if (!await ChangeAsync(envelope, state => state with { HoldReason = reason }))
            return Failed(envelope, EntryCommandKind.Hold, wasHeld);
        scheduler.Restore(envelope.Id, isHeld: true, due: null);
        Tell(new EntryHeld(time.GetUtcNow(), envelope.Id, envelope.Message, reason));
        return CommandResult.Done;
    }

    private async Task<CommandResult> ReleaseAsync(StoredEnvelope envelope, bool wasHeld)
    {
        var now = time.GetUtcNow();
        var isKept = envelope.IsKept(now);
        if (!wasHeld && !isKept)
        {
            scheduler.Restore(envelope.Id, isHeld: false, due: null);
            return CommandResult.AlreadySo;
        }
        // An operator's hold ends first: the time that the sender has set is still to come then.
        var due = (wasHeld && isKept) || envelope.State.Due < now ? envelope.State.Due : now;
        if (!await ChangeAsync(envelope, state => state with { HoldReason = null, Due = due }))
            return Failed(envelope, EntryCommandKind.Release, wasHeld);
        scheduler.Restore(envelope.Id, isHeld: false, due);
        Tell(new EntryReleased(now, envelope.Id, envelope.Message));
        return CommandResult.Done;
    }

    private async Task<CommandResult> DeleteAsync(StoredEnvelope envelope, string? reason, bool wasHeld)
    {
        WrittenReport? report = null;
        List<ReportedRecipient> failures = reason is null ? [] : Failures(envelope, reason);
        if (failures.Count > 0 && reports.WhyNone(envelope, out var nextHop) is null)
        {
            (_, report) = await reports.WriteAsync(envelope, nextHop, failures);
            if (report is null)
                return Failed(envelope, EntryCommandKind.Delete, wasHeld);
        }
        var fault = await spool.CommitAsync(new SpoolCommit
        {
            Purpose = CommitPurpose.Outcome,
            Changes = [new EntryChange(envelope.Id, envelope.State.Version + 1, null)],
            Bodies = report is null ? [] : [report.Body],
            Envelopes = report is null ? [] : [report.Envelope],
        });
        if (fault != SpoolFault.None)
        {
            if (report is not null)
                await report.Body.DisposeAsync();
            return Failed(envelope, EntryCommandKind.Delete, wasHeld);
        }
        scheduler.Forget(envelope.Id);
        var now = time.GetUtcNow();
        Tell(new EntryDeleted(now, envelope.Id, envelope.Message, envelope.State.Open.Length));
        if (report is not null)
        {
            Tell(new ReportQueued(now, envelope.Id, envelope.Message, report.Envelope.Id, envelope.Envelope.ReversePath.Mailbox!, failures.Count));
            Tell(new EnvelopeAccepted(now, report.Envelope));
        }
        return CommandResult.Done;
    }

    // What cannot be read can be deleted, and nothing else: not even the number of its version is known.
    private async Task<CommandResult> DoToDamagedAsync(SpoolId id, EntryCommand command, SpoolDamageException damage)
    {
        try
        {
            var end = new SpoolCommit { Purpose = CommitPurpose.Outcome, Changes = [new EntryChange(id, uint.MaxValue, null)] };
            if (command.Kind == EntryCommandKind.Delete && await spool.CommitAsync(end) == SpoolFault.None)
            {
                scheduler.Forget(id);
                Tell(new EntryDeleted(time.GetUtcNow(), id, default, 0));
                return CommandResult.Done;
            }
        }
        catch (Exception e)
        {
            Tell(new QueueTrouble(time.GetUtcNow(), id, default, "A damaged envelope could not be deleted", e));
        }
        scheduler.Restore(id, isHeld: true, due: null);
        Tell(new QueueTrouble(time.GetUtcNow(), id, default, "An envelope is damaged; it is held", damage));
        return CommandResult.Failed;
    }

    private async Task<bool> ChangeAsync(StoredEnvelope envelope, Func<EntryState, EntryState> change)
    {
        var version = envelope.State.Version + 1;
        return await spool.CommitAsync(new SpoolCommit
        {
            Purpose = CommitPurpose.Outcome,
            Changes = [new EntryChange(envelope.Id, version, change(envelope.State) with { Version = version })],
        }) == SpoolFault.None;
    }

    private CommandResult Failed(StoredEnvelope envelope, EntryCommandKind kind, bool wasHeld)
    {
        scheduler.Restore(envelope.Id, wasHeld, due: null);
        Tell(new QueueTrouble(time.GetUtcNow(), envelope.Id, envelope.Message, $"{kind} could not be stored"));
        return CommandResult.Failed;
    }

    private static List<ReportedRecipient> Failures(StoredEnvelope envelope, string reason) =>
        [.. envelope.State.Open
            .Select(open => envelope.Envelope.Recipients[open.Index])
            .Where(SenderWish.WantsFailure)
            .Select(recipient => new ReportedRecipient(recipient.Mailbox, ReportAction.Failed, Deleted, reason) { OriginalRecipient = recipient.OriginalRecipient })];

    private void Tell(QueueEvent happened) => observer?.Observe(happened);
}
