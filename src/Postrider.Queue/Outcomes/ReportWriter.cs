using Postrider.Mime.Headers;
using Postrider.Mime.Reports;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;

namespace Postrider.Queue.Outcomes;

/// <summary>A report that is ready for the commit of the failure it reports.</summary>
internal sealed record WrittenReport(IBodyWriter Body, NewEnvelope Envelope);

/// <summary>Makes the reports that go back to senders, and decides when there is none.</summary>
internal sealed class ReportWriter(ISpool spool, MailQueueOptions options, Func<Mailbox, string?> nextHopOf, TimeProvider time)
{
    // The fields that go into a report lie well within; more of a header block is not read.
    private const int MostHeader = 64 * 1024;

    // A sender who asks for all of a message gets it up to here: reports are made in memory.
    private const int MostAskedFor = 1024 * 1024;

    /// <summary>Why the sender is told nothing, or null: it is told.</summary>
    public string? WhyNone(StoredEnvelope about, out string nextHop)
    {
        nextHop = "";
        // RFC 5321 §4.5.5, §6.1: a report about a report would go round in circles.
        if (about.Envelope.ReversePath.Mailbox is not { } sender)
            return "The sender is the null one";
        try
        {
            if (nextHopOf(sender) is not { } key)
                return $"There is no route to the sender, {sender}";
            nextHop = key;
            return null;
        }
        catch (Exception e)
        {
            // A route that cannot be looked up must not keep the failure itself from being recorded.
            return $"The route to the sender, {sender}, cannot be looked up: {e.Message}";
        }
    }

    /// <summary>Writes a report. The fault is what the spool said of its body; there is no report then.</summary>
    /// <param name="about">The message, of which the sender is not the null one.</param>
    /// <param name="nextHop">The way to the sender.</param>
    /// <param name="recipients">What to report.</param>
    public async ValueTask<(SpoolFault Fault, WrittenReport? Report)> WriteAsync(
        StoredEnvelope about, string nextHop, IReadOnlyList<ReportedRecipient> recipients)
    {
        var now = time.GetUtcNow();
        var sender = about.Envelope.ReversePath.Mailbox!;
        var (original, isWhole, headerLength) = await ReadOriginalAsync(about, MostWhole(about.Envelope, recipients));
        var body = spool.CreateBody();
        var report = new DeliveryReport
        {
            HostName = options.HostName,
            To = sender,
            MessageId = $"{body.Id}.{RandomText()}@{options.HostName}",
            Boundary = RandomText(),
            Date = now,
            Arrived = about.Arrived,
            QueueId = about.Message.ToString(),
            EnvelopeId = about.Envelope.EnvelopeId,
            Release = about.Envelope.Release,
            DeliverBy = about.Envelope.DeliverBy?.Deadline,
            Recipients = recipients,
            Original = original,
            OriginalHeaderLength = headerLength,
            IncludesWhole = isWhole,
            IsInternational = about.Envelope.SmtpUtf8,
        }.Format();
        if (await body.WriteAsync(report) is not SpoolFault.None and var fault)
        {
            await body.DisposeAsync();
            return (fault, null);
        }

        var id = spool.NewId();
        return (SpoolFault.None, new WrittenReport(body, new NewEnvelope
        {
            Id = id,
            Message = id,
            Body = body.Id,
            Envelope = new Envelope
            {
                ReversePath = ReversePath.Null,
                Recipients = [new EnvelopeRecipient(sender)],
                Body = report.AsSpan().ContainsAnyInRange((byte)0x80, (byte)0xFF) ? BodyType.EightBitMime : BodyType.SevenBit,
                // Its own header is ASCII unless the sender's address is not (RFC 6532 §3.7 for the parts).
                SmtpUtf8 = !sender.IsAscii,
                // RFC 6710 §4.6: who waits for the message waits for what became of it.
                Priority = about.Envelope.Priority,
                // RFC 8689 §5: it tells much of the message, and is protected as that was to be.
                Tls = about.Envelope.Tls == TlsWish.Required ? TlsWish.Required : TlsWish.Unspecified,
            },
            Edits = HeaderEdits.None,
            NextHop = nextHop,
            Arrived = now,
            State = new EntryState { Version = 1, Attempts = 0, Due = now, Open = [new OpenRecipient(0, null)] },
        }));
    }

    private async ValueTask<(ReadOnlyMemory<byte> Original, bool IsWhole, int HeaderLength)> ReadOriginalAsync(StoredEnvelope about, int mostWhole)
    {
        try
        {
            if (await spool.OpenBodyAsync(about.Id) is not { } body)
                return default;
            await using var content = new MessageContent(body, about.Edits);
            var isWhole = content.Length <= mostWhole && about.Envelope.Body != BodyType.BinaryMime;
            var original = new byte[isWhole ? content.Length : Math.Min(content.Length, MostHeader)];
            await content.ReadAsync(original);
            var header = new HeaderScanner();
            if (!header.Advance(original))
                header.End();
            return (original, isWhole, (int)header.Length);
        }
        catch (SpoolDamageException)
        {
            // Then the report says what failed, and gives nothing back.
            return default;
        }
    }

    // RFC 3461 §4.3: only a failure gives the message back, and only to a sender who does not mind.
    private int MostWhole(Envelope envelope, IReadOnlyList<ReportedRecipient> recipients) => envelope.Return switch
    {
        _ when recipients.All(recipient => recipient.Action != ReportAction.Failed) => -1,
        ReturnContent.Headers => -1,
        // RFC 8689 §5: whatever RET says.
        _ when envelope.Tls == TlsWish.Required => -1,
        ReturnContent.Full => Math.Max(MostAskedFor, options.WholeMessageInReport),
        _ => options.WholeMessageInReport,
    };

    private string RandomText()
    {
        Span<byte> octets = stackalloc byte[16];
        options.Random(octets);
        return Convert.ToHexStringLower(octets);
    }
}
