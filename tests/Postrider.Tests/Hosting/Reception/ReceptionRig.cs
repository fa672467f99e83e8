using System.Collections.Immutable;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Delivery.Local;
using Postrider.Delivery.People;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Events;
using Postrider.Hosting.People;
using Postrider.Hosting.Reception;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Content;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Testing.Timing;
using Postrider.Tests.Delivery.Local;

namespace Postrider.Tests.Hosting.Reception;

/// <summary>Reception over a spool in memory, asked as a session asks it.</summary>
internal sealed class ReceptionRig : IAsyncDisposable, IDispatcher
{
    private readonly MailQueue queue;
    private readonly SessionHandler handler;

    public ReceptionRig(ISpool spool, IPAddress? client = null, bool hasSmarthost = true, AddressBook? people = null)
    {
        Spool = spool;
        queue = new MailQueue(spool, new MailQueueOptions { HostName = "mx.example.org" }, static _ => null, Time);
        Facts = new SessionFacts { PeerAddress = client ?? IPAddress.Parse("192.0.2.7"), PeerPort = 4711, PeerName = "client.example", IsExtended = true };
        var log = new ReceptionLog(NullLogger<ReceptionLog>.Instance);
        var handlers = new QuestionHandlers()
            .Add(new ConnectHandler())
            .Add(new TimedMailHandler(Time, new MailHandler(queue, log)))
            .Add(new RecipientHandler(log, new LocalRecipients(new MailboxSizes(Disk, Time))))
            .Add(new StartOfMessageHandler(queue, log, Time))
            .Add(new EndOfMessageHandler(queue, log, Time))
            .Add(new VerifyHandler())
            .Add(new ExpandHandler())
            .Add(new StatusHandler(queue, Time));
        var peoplesMail = new MaildirTarget("/mail", Mailbox("postmaster@local.example"), people);
        var routes = new RoutingTable(
            [
                new RouteRule(DomainPattern.Parse("example.org"), peoplesMail),
                new RouteRule(DomainPattern.Parse("example.com"), peoplesMail),
                new RouteRule(DomainPattern.Parse("local.example"), new MaildirTarget("/mail")),
                new RouteRule(DomainPattern.Parse("routed.example"), new RelayTarget(new RelayHost("mx.routed.example"))),
            ],
            hasSmarthost ? new RelayTarget(new RelayHost("smarthost.example")) : null,
            postmaster: Mailbox("postmaster@local.example"));
        handler = new SessionHandler(handlers, new ReceptionPolicy("mx.example.org", routes, [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128"), IPNetwork.Parse("10.0.0.0/8")]) { DefaultDomain = "local.example", LongestHold = TimeSpan.FromDays(30), Asking = new AskRights([IPNetwork.Parse("10.0.0.0/8")], ["anna"]), People = people });
    }

    public ManualTime Time { get; } = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));

    public ISpool Spool { get; }

    public CrashableDisk Disk { get; } = new();

    public SessionFacts Facts { get; set; }

    public List<DueEntry> Due { get; } = [];

    public static Mailbox Mailbox(string text)
    {
        var at = text.LastIndexOf('@');
        return at < 0 ? new Mailbox(text, "") : new Mailbox(text[..at], text[(at + 1)..]);
    }

    public static Envelope Envelope(params IEnumerable<string> recipients) => new()
    {
        ReversePath = new ReversePath(Mailbox("jones@sender.example")),
        Recipients = [.. recipients.Select(static r => new EnvelopeRecipient(Mailbox(r)))],
    };

    public async Task StartAsync() => await queue.StartAsync(this);

    public ValueTask<Answer> AskAsync(Question question) => handler.AnswerAsync(question, Facts, default);

    public async Task<Reply?> AskRecipientAsync(string recipient) =>
        (await AskAsync(new RecipientQuestion(ReversePath.Null, new EnvelopeRecipient(Mailbox(recipient))))).Reply;

    public ValueTask<Reply?> WriteAsync(string text) => handler.WriteBodyAsync(Encoding.ASCII.GetBytes(text), default);

    public async Task<Answer> TakeAsync(Envelope envelope, string content)
    {
        Assert.True((await AskAsync(new MailQuestion(envelope.ReversePath, null) { Release = envelope.Release, DeliverBy = envelope.DeliverBy })).IsAccepted);
        var start = await AskAsync(new StartOfMessageQuestion(envelope));
        Assert.True(start.IsAccepted);
        Assert.Null(await WriteAsync(content));
        return await AskAsync(new EndOfMessageQuestion(envelope, new ContentFacts(content.Length, 70, false, false, false, false)));
    }

    public async Task<IReadOnlyList<StoredEnvelope>> StoredAsync()
    {
        var page = await queue.ListAsync(QueueFilter.All, 1000);
        return [.. page.Entries.Select(static entry => entry.Envelope!).OrderBy(static envelope => envelope.Id)];
    }

    public async Task<string> ContentAsync(SpoolId id)
    {
        await using var content = await queue.OpenContentAsync(id);
        var octets = new byte[content!.Length];
        var read = 0;
        while (read < octets.Length && await content.ReadAsync(octets.AsMemory(read)) is var count and > 0)
            read += count;
        return Encoding.ASCII.GetString(octets, 0, read);
    }

    void IDispatcher.Dispatch(DueEntry entry) => Due.Add(entry);

    public async ValueTask DisposeAsync()
    {
        await handler.DisposeAsync();
        await queue.DisposeAsync();
        await Spool.DisposeAsync();
    }
}
