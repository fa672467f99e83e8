using System.Collections.Immutable;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Fetching;

/// <summary>
/// TURN and ATRN: may this peer have what waits for it on its own connection? Only where it has proven who it is. What it
/// gets is settled here, and kept for when the roles have changed.
/// </summary>
internal sealed class TurnHandler(WaitingMail waiting, TurnLog log, TimeProvider time) : IQuestionHandler<TurnQuestion>
{
    // What has just come, or has just been tried, is free again when that is written down.
    private const int MostLooks = 10;
    private static readonly TimeSpan moment = TimeSpan.FromMilliseconds(100);

    public async ValueTask<Answer> AnswerAsync(TurnQuestion question, ReceptionSession session)
    {
        var reply = await JudgeAsync(question, session);
        log.Asked(question, reply, session.Facts);
        return reply.IsPositive ? Answer.Accept(reply) : Answer.Refuse(reply);
    }

    private async ValueTask<Reply> JudgeAsync(TurnQuestion question, ReceptionSession session)
    {
        var isAtrn = question.Verb != "TURN";
        var allowed = session.Facts.IsTurned ? [] : session.Policy.Fetching.ProvenDomainsOf(session.Facts);
        if (Wanted(question.Domains, allowed) is not { IsEmpty: false } wanted)
            return isAtrn ? ReplyCatalogue.TurnRefused : ReplyCatalogue.NotImplemented;
        var found = waiting.Find(wanted);
        for (var looks = 1; looks < MostLooks && found.Any(static domain => domain.UnderWay > 0); looks++)
        {
            await Task.Delay(moment, time);
            found = waiting.Find(wanted);
        }
        // RFC 821 knows no reply for a queue that is empty: the roles change, and the peer hears QUIT.
        if (isAtrn && found.Sum(static domain => domain.Messages) == 0)
            return ReplyCatalogue.NoMailWaits;
        if (isAtrn && found.All(static domain => domain.Messages == domain.UnderWay))
            return ReplyCatalogue.TurnUnavailable;
        session.Turning = found;
        return ReplyCatalogue.Reversing;
    }

    // Those that are named, none where one is not the peer's (RFC 2645 §5.2.1); all where none is named.
    private static ImmutableArray<DomainPattern> Wanted(ImmutableArray<string> named, ImmutableArray<DomainPattern> allowed)
    {
        if (named.IsEmpty)
            return allowed;
        var wanted = ImmutableArray.CreateBuilder<DomainPattern>(named.Length);
        foreach (var domain in named)
        {
            if (!DomainPattern.TryParse(domain, out var pattern, out _) || !allowed.Any(mine => mine.Contains(pattern.Domain)))
                return [];
            wanted.Add(pattern);
        }
        return wanted.ToImmutable();
    }
}
