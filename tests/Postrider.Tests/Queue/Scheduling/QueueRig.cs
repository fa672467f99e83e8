using System.Text;
using Postrider.Mime.Headers;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Testing.Simulations;

namespace Postrider.Tests.Queue.Scheduling;

/// <summary>A queue over a spool in memory, in a simulation, with a delivery that does what the test says.</summary>
internal sealed class QueueRig : IDispatcher, IQueueObserver, IAsyncDisposable
{
    public static readonly DeliveryStatus Delivered = new(DeliveryResult.Delivered, new EnhancedStatusCode(2, 0, 0), "Delivered");
    public static readonly DeliveryStatus Relayed = new(DeliveryResult.Relayed, new EnhancedStatusCode(2, 0, 0), "Ok", 250, "mx.example");
    public static readonly DeliveryStatus Deferred = new(DeliveryResult.Deferred, new EnhancedStatusCode(4, 3, 0), "Later", 451, "mx.example");
    public static readonly DeliveryStatus Failed = new(DeliveryResult.Failed, new EnhancedStatusCode(5, 1, 1), "No such user", 550, "mx.example");

    private readonly Simulation simulation;

    public QueueRig(Simulation simulation, ISpool? spool = null, Func<MailQueueOptions, MailQueueOptions>? configure = null, Func<Mailbox, string?>? nextHopOf = null)
    {
        this.simulation = simulation;
        Spool = spool ?? new MemorySpool();
        var options = new MailQueueOptions { HostName = "mail.example", Random = octets => simulation.Random.NextBytes(octets) };
        Queue = new MailQueue(Spool, configure is null ? options : configure(options), nextHopOf ?? (mailbox => mailbox.Domain), simulation.Time, this);
    }

    public ISpool Spool { get; }

    public MailQueue Queue { get; }

    public ILeases Leases => Queue.Leases;

    /// <summary>What delivery does with an entry; unless set, all is delivered.</summary>
    public Func<DueEntry, Task>? OnDispatch { get; set; }

    public Action<QueueEvent>? OnEvent { get; init; }

    /// <summary>Changes what is accepted, unless null.</summary>
    public Func<Envelope, Envelope>? Wishes { get; set; }

    public List<(TimeSpan At, DueEntry Entry)> Dispatched { get; } = [];

    /// <summary>When attempts began.</summary>
    public List<TimeSpan> Began { get; } = [];

    public List<QueueEvent> Events { get; } = [];

    public TimeSpan Elapsed => simulation.Time.Elapsed;

    /// <summary>Runs a test in a simulation of its own.</summary>
    public static void Run(Func<Simulation, Task> body, int seed = 1)
    {
        var run = new Simulation(seed);
        run.Run(() => body(run));
    }

    public Task StartAsync() => Queue.StartAsync(this);

    public void Dispatch(DueEntry entry)
    {
        Dispatched.Add((Elapsed, entry));
        _ = OnDispatch is null ? AnswerAsync(entry, _ => Delivered) : OnDispatch(entry);
    }

    public void Observe(QueueEvent happened)
    {
        Events.Add(happened);
        OnEvent?.Invoke(happened);
    }

    /// <summary>Makes an attempt with a status for each open recipient, none where that is null.</summary>
    public async Task AnswerAsync(DueEntry entry, Func<string, DeliveryStatus?> statusOf)
    {
        if (await Leases.BeginAsync(entry) is not { } envelope)
            return;
        Began.Add(Elapsed);
        var outcomes = new List<RecipientOutcome>();
        foreach (var open in envelope.State.Open)
        {
            if (statusOf(envelope.Envelope.Recipients[open.Index].Mailbox.ToString()) is { } status)
                outcomes.Add(new RecipientOutcome(open.Index, status));
        }
        await Leases.CompleteAsync(entry, outcomes);
    }

    public async Task<SpoolId> AcceptAsync(string? from, string nextHop, params string[] recipients)
    {
        var body = Queue.CreateBody();
        await body.WriteAsync(Encoding.ASCII.GetBytes("Subject: test\r\nMessage-ID: <1@example>\r\n\r\nHello.\r\n"));
        return await AcceptBodyAsync(body, from, nextHop, recipients);
    }

    public async Task<SpoolId> AcceptBodyAsync(IBodyWriter body, string? from, string nextHop, params string[] recipients)
    {
        var id = Queue.NewId();
        var now = simulation.Time.GetUtcNow();
        var envelope = Envelope(id, body.Id, from, nextHop, now, recipients);
        if (Wishes is not null)
        {
            var wished = Wishes(envelope.Envelope);
            var release = wished.Release?.From(now);
            wished = wished with { Release = release, DeliverBy = wished.DeliverBy?.From(release?.At ?? now) };
            envelope = envelope with { Envelope = wished, State = envelope.State with { Due = release?.At ?? now } };
        }
        var fault = await Queue.AcceptAsync([body], [envelope]);
        Assert.Equal(SpoolFault.None, fault);
        return id;
    }

    public static NewEnvelope Envelope(SpoolId id, SpoolId body, string? from, string nextHop, DateTimeOffset now, params string[] recipients) => new()
    {
        Id = id,
        Message = id,
        Body = body,
        Envelope = new Envelope
        {
            ReversePath = new ReversePath(from is null ? null : Mailbox(from)),
            Recipients = [.. recipients.Select(recipient => new EnvelopeRecipient(Mailbox(recipient)))],
        },
        Edits = HeaderEdits.None,
        NextHop = nextHop,
        Arrived = now,
        State = new EntryState { Version = 1, Attempts = 0, Due = now, Open = [.. recipients.Select((_, i) => new OpenRecipient(i, null))] },
    };

    public static Mailbox Mailbox(string text) => new(text[..text.LastIndexOf('@')], text[(text.LastIndexOf('@') + 1)..]);

    /// <summary>Lets time pass.</summary>
    public Task PassAsync(TimeSpan time) => Task.Delay(time, simulation.Time);

    /// <summary>Lets time pass until something is so, and at most half a percent more.</summary>
    public async Task UntilAsync(Func<bool> isSo)
    {
        for (var start = Elapsed; !isSo();)
            await PassAsync(TimeSpan.FromMilliseconds(10) + ((Elapsed - start) / 200));
    }

    public async Task<string> ContentAsync(SpoolId id)
    {
        await using var content = await Queue.OpenContentAsync(id);
        Assert.NotNull(content);
        var octets = new byte[content.Length];
        await content.ReadAsync(octets);
        return Encoding.UTF8.GetString(octets);
    }

    public ValueTask DisposeAsync() => Queue.DisposeAsync();
}
