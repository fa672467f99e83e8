using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Postrider.Hosting.Events;
using Postrider.Hosting.Submission;
using Postrider.Mime.Headers;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>
/// The body is complete: an envelope for each next hop, all with one body, go to stable storage in one
/// commit. Only then is the message accepted.
/// </summary>
internal sealed class EndOfMessageHandler(MailQueue queue, ReceptionLog log, TimeProvider time) : IQuestionHandler<EndOfMessageQuestion>
{
    public async ValueTask<Answer> AnswerAsync(EndOfMessageQuestion question, ReceptionSession session)
    {
        var message = session.Message ?? throw new InvalidOperationException("The end of a message comes after its start.");
        message.Header.End();
        if (session.MendsFields && TooMuchToMend(message.Header) is { } tooMuch)
            return await RefuseAsync(tooMuch);
        var envelopes = MakeEnvelopes(Dated(Prioritized(Tagged(question.Envelope, message), message, session), session), message, session);
        var fault = await queue.AcceptAsync([message.Body], envelopes);
        if (StorageReplies.For(fault) is { } refusal)
            return await RefuseAsync(refusal);
        // The commit has taken the body over.
        session.Message = null;
        session.RefusedRecipients = 0;
        log.Accepted(message.Id, question.Envelope, question.Content.Length, session.Facts);
        return Answer.Accept(ReplyCatalogue.Queued.With(message.Id.ToString()));

        async ValueTask<Answer> RefuseAsync(Reply reply)
        {
            log.MessageRefused(message.Id, question.Envelope, reply, session.Facts);
            await session.AbandonMessageAsync();
            return Answer.Refuse(reply);
        }
    }

    private static Reply? TooMuchToMend(HeaderScanner header) =>
        header.HasMoreBlindCopies ? ReplyCatalogue.TooManyBlindCopies : header.HasMoreBareAddresses ? ReplyCatalogue.TooManyBareAddresses : null;

    // RFC 8689 §4.1: the header counts where the command said nothing.
    private static Envelope Tagged(Envelope envelope, IncomingMessage message) =>
        message.WaivesTls && envelope.Tls == TlsWish.Unspecified ? envelope with { Tls = TlsWish.Waived } : envelope;

    // RFC 6758 §3.1: the header counts where the command said nothing, and gives no more than that could.
    private static Envelope Prioritized(Envelope envelope, IncomingMessage message, ReceptionSession session) =>
        envelope.Priority is null && message.Header.Priority is { } priority && session.Policy.Priorities is { ReadsField: true } rights
            ? envelope with { Priority = Math.Min(priority, rights.HighestFor(session.Facts)) }
            : envelope;

    // RFC 6758 §3.3: what the fields said before is taken out, and one of ours says it to servers that know the field alone.
    private static HeaderEdits WithPriorityField(HeaderEdits edits, sbyte? priority, HeaderScanner header, ReceptionSession session)
    {
        if (session.Policy.Priorities is not { ReadsField: true })
            return edits;
        if (header.PriorityFields is { Count: > 0 } fields)
            edits = new HeaderEdits([.. edits.Edits.Concat(fields.Select(static field => new HeaderEdit(field.Offset, field.Length, default))).OrderBy(static edit => edit.Offset)]);
        return priority is null ? edits : edits.Prepend(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"MT-Priority: {priority}\r\n")));
    }

    // Times are counted from when they were said: a slow transfer does not put them off.
    private static Envelope Dated(Envelope envelope, ReceptionSession session)
    {
        if (envelope.Release is null && envelope.DeliverBy is null)
            return envelope;
        var release = envelope.Release?.From(session.TimesCountFrom);
        // RFC 2852 §4: while it is kept at its sender's wish it is not on its way.
        return envelope with { Release = release, DeliverBy = envelope.DeliverBy?.From(release?.At ?? session.TimesCountFrom) };
    }

    private NewEnvelope[] MakeEnvelopes(Envelope envelope, IncomingMessage message, ReceptionSession session)
    {
        var now = time.GetUtcNow();
        var mended = session.MendsFields
            ? SubmittedFields.Mend(message.Header, message.Id.ToString(), session.Policy.Hostname, session.Policy.DefaultDomain, now)
            : message.Header.IsMissing ? HeaderEdits.EmptyLine : HeaderEdits.None;
        var edits = WithPriorityField(mended, envelope.Priority, message.Header, session).Prepend(TraceField(envelope, message, session, now));
        var groups = GroupByNextHop(envelope, session);
        var envelopes = new NewEnvelope[groups.Count];
        for (var i = 0; i < envelopes.Length; i++)
        {
            var (nextHop, recipients) = groups[i];
            envelopes[i] = new NewEnvelope
            {
                Id = i == 0 ? message.Id : queue.NewId(),
                Message = message.Id,
                Body = message.Body.Id,
                Envelope = groups.Count == 1 ? envelope : envelope with { Recipients = recipients },
                Edits = edits,
                NextHop = nextHop,
                Arrived = now,
                State = new EntryState { Version = 1, Attempts = 0, Due = envelope.Release?.At ?? now, Open = AllOpen(recipients.Length) },
            };
        }
        return envelopes;
    }

    private static ImmutableArray<OpenRecipient> AllOpen(int count)
    {
        var open = ImmutableArray.CreateBuilder<OpenRecipient>(count);
        for (var i = 0; i < count; i++)
            open.Add(new OpenRecipient(i, Last: null));
        return open.MoveToImmutable();
    }

    private static List<(string NextHop, ImmutableArray<EnvelopeRecipient> Recipients)> GroupByNextHop(Envelope envelope, ReceptionSession session)
    {
        var routes = session.Policy.Routes;
        var first = routes.NextHopKey(envelope.Recipients[0]);
        if (envelope.Recipients.Length == 1)
            return [(first, envelope.Recipients)];
        var groups = new Dictionary<string, ImmutableArray<EnvelopeRecipient>.Builder>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var recipient in envelope.Recipients)
        {
            var key = routes.NextHopKey(recipient);
            if (!groups.TryGetValue(key, out var group))
            {
                groups.Add(key, group = ImmutableArray.CreateBuilder<EnvelopeRecipient>());
                order.Add(key);
            }
            group.Add(recipient);
        }
        return order.ConvertAll(key => (key, groups[key].ToImmutable()));
    }

    private static byte[] TraceField(Envelope envelope, IncomingMessage message, ReceptionSession session, DateTimeOffset now) =>
        new ReceivedField
        {
            PeerName = session.Facts.PeerName,
            PeerAddress = session.Facts.PeerAddress,
            PeerHostname = session.Facts.PeerHostname,
            ByHost = session.Policy.Hostname,
            Protocol = session.Facts.ProtocolOf(envelope),
            Tls = session.Facts.Tls?.ToString(),
            IsInternational = envelope.SmtpUtf8,
            Id = message.Id.ToString(),
            For = envelope.Recipients is [var only] ? only.Mailbox : null,
            Priority = envelope.Priority,
            Date = now,
        }.Format();
}
