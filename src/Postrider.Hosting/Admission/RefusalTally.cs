using Microsoft.Extensions.Logging;
using Postrider.Hosting.Events;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Admission;

/// <summary>
/// Logs what limits refuse: the first refusal of a kind at once, and those behind it once a minute as a number, so that
/// nobody fills the log by being refused.
/// </summary>
internal sealed partial class RefusalTally : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly ILogger<RefusalTally> logger;
    private readonly Lock gate = new();
    private readonly Dictionary<Reply, Row> rows = new(ReferenceEqualityComparer.Instance);
    private readonly ITimer timer;
    private bool running;

    public RefusalTally(TimeProvider time, ILogger<RefusalTally> logger)
    {
        this.logger = logger;
        timer = time.CreateTimer(static self => ((RefusalTally)self!).Report(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A peer was refused.</summary>
    /// <param name="reply">With what: one of the few objects of a catalogue, which is what the kinds are told apart by.</param>
    /// <param name="facts">The peer.</param>
    public void Count(Reply reply, SessionFacts facts)
    {
        lock (gate)
        {
            if (rows.TryGetValue(reply, out var row))
            {
                row.More++;
                row.Last = facts;
                return;
            }
            rows.Add(reply, new Row());
            if (!running)
                timer.Change(Period, Period);
            running = true;
        }
        LogRefused(PeerText.Of(facts), reply);
    }

    public void Dispose() => timer.Dispose();

    private void Report()
    {
        List<(Reply Reply, int More, SessionFacts Last)> more = [];
        lock (gate)
        {
            foreach (var (reply, row) in rows)
            {
                if (row.More > 0)
                    more.Add((reply, row.More, row.Last!));
                row.More = 0;
            }
            foreach (var reply in rows.Keys.Except(more.Select(static m => m.Reply)).ToList())
                rows.Remove(reply);
            running = rows.Count > 0;
            if (!running)
                timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        foreach (var (reply, count, last) in more)
            LogMore(count, PeerText.Of(last), reply);
    }

    private sealed class Row
    {
        public int More { get; set; }

        public SessionFacts? Last { get; set; }
    }
}
