using System.Collections.Immutable;
using System.Globalization;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Events;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Fetching;

/// <summary>
/// ETRN: sends what waits for a domain to where it goes (RFC 1985). The reply does not wait for the queue, which is
/// searched for as many domains at the same time as does no harm, and for none twice within seconds.
/// </summary>
internal sealed class EtrnHandler(WaitingMail waiting, ReceptionLog log, TimeProvider time) : IQuestionHandler<EtrnQuestion>
{
    private const int MostStarts = 8;
    private const int MostRemembered = 10_000;
    private static readonly TimeSpan again = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> started = new(StringComparer.Ordinal);
    private int running;

    public ValueTask<Answer> AnswerAsync(EtrnQuestion question, ReceptionSession session)
    {
        var node = question.IsWithSubdomains ? $"@{question.Domain}" : question.Domain;
        var reply = Judge(node, question, session);
        log.QueueAskedFor(node, reply, session.Facts);
        return new(reply.IsPositive ? Answer.Accept(reply) : Answer.Refuse(reply));
    }

    private Reply Judge(string node, EtrnQuestion question, ReceptionSession session)
    {
        var wanted = Wanted(question, session.Policy.Fetching.DomainsOf(session.Facts));
        if (wanted.Count == 0)
            return ReplyCatalogue.NodeNotAllowed.With(node);
        var found = waiting.Find(wanted);
        if (found.Count > 0 && found.All(static domain => domain.Target is OnDemandTarget { Relay: null }))
            return ReplyCatalogue.NoHostForNode.With(node);
        // What comes next goes, too: the peer says that it is there.
        waiting.Open(found);
        var messages = found.Sum(static domain => domain.Messages);
        if (messages == 0)
            return ReplyCatalogue.NoMailForNode.With(node);
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (started.TryGetValue(node, out var last) && now - last < again)
                return ReplyCatalogue.QueuingForNode.With(node);
            if (running == MostStarts || !MakeRoom(now))
                return ReplyCatalogue.CannotQueue.With(node);
            running++;
            started[node] = now;
        }
        _ = StartAsync(found);
        // How much mail somebody gets is told to nobody who is known by an address alone.
        return Wanted(question, session.Policy.Fetching.ProvenDomainsOf(session.Facts)).Count < wanted.Count
            ? ReplyCatalogue.MailForNode.With(node)
            : ReplyCatalogue.CountedForNode.With(string.Create(CultureInfo.InvariantCulture, $"{messages} pending messages for node {node}"));
    }

    private async Task StartAsync(IReadOnlyList<WaitingDomain> domains)
    {
        try
        {
            await waiting.StartAsync(domains);
        }
        finally
        {
            lock (gate)
                running--;
        }
    }

    private bool MakeRoom(DateTimeOffset now)
    {
        if (started.Count < MostRemembered)
            return true;
        foreach (var (node, last) in started)
        {
            if (now - last >= again)
                started.Remove(node);
        }
        return started.Count < MostRemembered;
    }

    private static List<DomainPattern> Wanted(EtrnQuestion question, ImmutableArray<DomainPattern> allowed)
    {
        var wanted = new List<DomainPattern>();
        if (!DomainPattern.TryParse(question.Domain, out var node, out _))
            return wanted;
        foreach (var pattern in allowed)
        {
            if (!question.IsWithSubdomains && pattern.Contains(node.Domain))
            {
                wanted.Add(node);
            }
            else if (question.IsWithSubdomains && DomainPattern.TryParse($"*.{question.Domain}", out var below, out _))
            {
                // What it may fetch of the domain and all below it.
                if (pattern.Domain == node.Domain || below.Contains(pattern.Domain))
                    wanted.Add(pattern);
                else if (pattern.Contains(node.Domain))
                    wanted.AddRange([node, below]);
            }
        }
        return wanted;
    }
}
