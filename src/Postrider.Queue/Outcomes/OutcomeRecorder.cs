using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;

namespace Postrider.Queue.Outcomes;

/// <summary>
/// Brings outcomes to disk, many in one commit, soon and without holding anybody up (rule 18). What a
/// commit could not store is kept and stored later: an outcome is never forgotten while the process lives.
/// </summary>
internal sealed class OutcomeRecorder : IDisposable
{
    // A commit this large is worth its sync; the rest goes with the next.
    private const int MostInCommit = 256;
    private const int MostReportsInCommit = 32;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(30);

    private readonly ISpool spool;
    private readonly MailQueueOptions options;
    private readonly ReportWriter reports;
    private readonly TimeProvider time;
    private readonly IQueueObserver? observer;
    private readonly Lock gate = new();
    private readonly AsyncSignal work = new();
    private readonly ITimer timer;
    private readonly Queue<TaskCompletionSource> waiting = new();
    private List<PendingOutcome> pending = [];
    private List<PendingOutcome> taken = [];
    private TimeSpan retryDelay;
    private bool isUrgent;
    private bool isStopped;

    public OutcomeRecorder(ISpool spool, MailQueueOptions options, ReportWriter reports, TimeProvider time, IQueueObserver? observer)
    {
        this.spool = spool;
        this.options = options;
        this.reports = reports;
        this.time = time;
        this.observer = observer;
        timer = time.CreateTimer(static recorder => ((OutcomeRecorder)recorder!).work.Set(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Outcomes that are not on disk yet.</summary>
    public int Unsynced { get; private set; }

    /// <summary>Takes an outcome; waits only while too many are not on disk.</summary>
    public ValueTask AddAsync(PendingOutcome outcome)
    {
        lock (gate)
        {
            if (isStopped)
                return default;
            pending.Add(outcome);
            Unsynced++;
            if (retryDelay == TimeSpan.Zero)
            {
                if (isUrgent || pending.Count >= MostInCommit / 2 || options.OutcomeDelay == TimeSpan.Zero)
                    work.Set();
                else if (pending.Count == 1)
                    timer.Change(options.OutcomeDelay, Timeout.InfiniteTimeSpan);
            }
            if (Unsynced - waiting.Count <= options.MaximumUnsynced)
                return default;
            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(waiter);
            return new ValueTask(waiter.Task);
        }
    }

    /// <summary>From now on outcomes wait for no others: the queue is about to stop.</summary>
    public void Hurry()
    {
        lock (gate)
        {
            isUrgent = true;
            work.Set();
        }
    }

    /// <summary>Works until it is disposed of.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            await work.WaitAsync();
            lock (gate)
            {
                if (isStopped)
                    return;
                (pending, taken) = (taken, pending);
            }
            await RecordAsync();
        }
    }

    /// <summary>Stops the work. What is not on disk yet is lost, as in a crash.</summary>
    public void Dispose()
    {
        timer.Dispose();
        lock (gate)
        {
            isStopped = true;
            while (waiting.TryDequeue(out var waiter))
                waiter.SetResult();
        }
        work.Set();
    }

    // What is reported goes by itself: a report that finds no room must not hold up what needs none.
    private async Task RecordAsync()
    {
        SpoolFault? fault = SpoolFault.None;
        var done = 0;
        var alone = 0;
        taken.Sort(static (a, b) => (a.Reported.Count > 0).CompareTo(b.Reported.Count > 0));
        while (done < taken.Count)
        {
            var count = alone > 0 ? 1 : CommitSize(done);
            fault = await CommitAsync(taken.GetRange(done, count));
            if (fault is null)
            {
                // One of them does not fit what the spool has; it must not take the others with it.
                alone = count;
                continue;
            }
            if (fault != SpoolFault.None)
                break;
            done += count;
            alone = Math.Max(0, alone - 1);
        }
        Requeue(done, fault ?? SpoolFault.None);
    }

    private void Requeue(int done, SpoolFault fault)
    {
        lock (gate)
        {
            pending.InsertRange(0, taken.GetRange(done, taken.Count - done));
            taken.Clear();
            retryDelay = fault == SpoolFault.None ? TimeSpan.Zero
                : retryDelay == TimeSpan.Zero ? FirstRetry
                : retryDelay * 2 < LastRetry ? retryDelay * 2
                : LastRetry;
            if (pending.Count > 0 && !isStopped)
                timer.Change(retryDelay == TimeSpan.Zero && !isUrgent ? options.OutcomeDelay : retryDelay, Timeout.InfiniteTimeSpan);
        }
        if (fault != SpoolFault.None)
            Trouble($"Outcomes could not be stored ({fault}); they are kept, and stored again in {retryDelay.TotalSeconds:0} s");
    }

    private int CommitSize(int from)
    {
        var count = Math.Min(MostInCommit, taken.Count - from);
        var reported = 0;
        for (var i = from; i < from + count; i++)
        {
            if (taken[i].Reported.Count == 0)
                continue;
            if (reported == 0 && i > from)
                return i - from;
            if (++reported > MostReportsInCommit)
                return i - from;
        }
        return count;
    }

    // Null where the spool does not know an entry as it was, and it is not the only one of the batch.
    private async Task<SpoolFault?> CommitAsync(List<PendingOutcome> batch)
    {
        var written = new List<WrittenReport>();
        var events = new List<QueueEvent>();
        var fault = SpoolFault.Failed;
        try
        {
            fault = await WriteReportsAsync(batch, written, events);
            if (fault == SpoolFault.None)
            {
                fault = SpoolFault.Failed;
                fault = await spool.CommitAsync(new SpoolCommit
                {
                    Purpose = CommitPurpose.Outcome,
                    Changes = batch.ConvertAll(outcome => outcome.Change),
                    Bodies = written.ConvertAll(report => report.Body),
                    Envelopes = [.. batch.SelectMany(outcome => outcome.Parts), .. written.Select(report => report.Envelope)],
                });
            }
        }
        catch (InvalidOperationException) when (batch.Count > 1)
        {
            return null;
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            var envelope = batch[0].Envelope;
            observer?.Observe(new QueueTrouble(time.GetUtcNow(), envelope.Id, envelope.Message, "The outcome of an attempt does not fit the spool and is lost; the entry is held", e));
            End(batch, isRecorded: false);
            return SpoolFault.None;
        }
        catch (Exception e)
        {
            // Whatever it is, the outcomes are kept: this is the last place that knows them.
            Trouble("Outcomes could not be stored", e);
        }
        finally
        {
            if (fault != SpoolFault.None)
            {
                foreach (var report in written)
                    await report.Body.DisposeAsync();
            }
        }
        if (fault == SpoolFault.None)
        {
            Tell(batch, written, events);
            End(batch, isRecorded: true);
        }
        return fault;
    }

    // One report for a message and a sender, however many of its envelopes ended together: a list's owner is another sender.
    private async Task<SpoolFault> WriteReportsAsync(List<PendingOutcome> batch, List<WrittenReport> written, List<QueueEvent> events)
    {
        foreach (var group in batch.Where(outcome => outcome.Reported.Count > 0).GroupBy(outcome => (outcome.Envelope.Message, outcome.Envelope.Envelope.ReversePath)))
        {
            var about = group.First().Envelope;
            var reported = group.SelectMany(outcome => outcome.Reported).ToList();
            if (reports.WhyNone(about, out var nextHop) is { } reason)
            {
                events.Add(new ReportDropped(time.GetUtcNow(), about.Id, about.Message, reported.Count, reason));
                continue;
            }
            var (fault, report) = await reports.WriteAsync(about, nextHop, reported);
            if (report is null)
                return fault;
            written.Add(report);
            events.Add(new ReportQueued(time.GetUtcNow(), about.Id, about.Message, report.Envelope.Id, about.Envelope.ReversePath.Mailbox!, reported.Count));
        }
        return SpoolFault.None;
    }

    private void Trouble(string what, Exception? cause = null) =>
        observer?.Observe(new QueueTrouble(time.GetUtcNow(), default, default, what, cause));

    private void Tell(List<PendingOutcome> batch, List<WrittenReport> written, List<QueueEvent> events)
    {
        if (observer is null)
            return;
        foreach (var outcome in batch)
        {
            foreach (var happened in outcome.Events)
                observer.Observe(happened);
        }
        foreach (var happened in events)
            observer.Observe(happened);
        foreach (var report in written)
            observer.Observe(new EnvelopeAccepted(report.Envelope.Arrived, report.Envelope));
    }

    private void End(List<PendingOutcome> batch, bool isRecorded)
    {
        foreach (var outcome in batch)
            outcome.Ended(outcome, isRecorded);
        lock (gate)
        {
            Unsynced -= batch.Count;
            while (waiting.Count > 0 && Unsynced - waiting.Count < options.MaximumUnsynced)
                waiting.Dequeue().SetResult();
        }
    }
}
