using System.Text;
using Postrider.Mime.Headers;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Conformance.Spool;

/// <summary>Envelopes, states and bodies for tests of a spool.</summary>
public static class SpoolSamples
{
    /// <summary>When everything in these tests begins.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>An envelope with every field in use.</summary>
    public static NewEnvelope Envelope(SpoolId id, SpoolId body, int recipients = 2, string nextHop = "example.org", SpoolId? message = null) => new()
    {
        Id = id,
        Message = message ?? id,
        Body = body,
        NextHop = nextHop,
        Arrived = Start.AddTicks((long)id.Value % 1_000_000),
        Edits = new HeaderEdits([new HeaderEdit(0, 0, Encoding.ASCII.GetBytes("Received: from a by b\r\n")), new HeaderEdit(5, 3, default)]),
        Envelope = new Envelope
        {
            ReversePath = new ReversePath(new Mailbox("sender \"quoted\"", "example.com")),
            Recipients = [.. Enumerable.Range(0, recipients).Select(i => new EnvelopeRecipient(new Mailbox($"user{i}-é", nextHop)) { Notify = (Notifications)(i % 3 * 4), OriginalRecipient = i % 2 == 0 ? null : new OriginalRecipient("rfc822", $"first{i}@example.net") })],
            Body = BodyType.EightBitMime,
            SmtpUtf8 = true,
            Return = ReturnContent.Headers,
            EnvelopeId = "QQ314159",
            Tls = TlsWish.Required,
            Mode = DeliveryMode.TerminalOrMailbox,
            Release = new FutureRelease { After = TimeSpan.FromHours(1), At = Start.AddHours(1) },
            DeliverBy = new DeliverBy(TimeSpan.FromSeconds(-7), IsReturned: false, IsTraced: true) { Deadline = Start.AddDays(1) },
            Priority = -7,
        },
        State = State(1, [.. Enumerable.Range(0, recipients)]),
    };

    /// <summary>A state; from version 2 on its recipients carry a failure.</summary>
    public static EntryState State(uint version, int[] open, string? hold = null) => new()
    {
        Version = version,
        Attempts = (int)version - 1,
        Due = Start.AddMinutes(version),
        HoldReason = hold,
        Open = [.. open.Select(i => new OpenRecipient(i, version == 1 ? null : Failure(i)))],
    };

    /// <summary>A temporary failure with every field in use.</summary>
    public static DeliveryStatus Failure(int recipient) =>
        new(DeliveryResult.Deferred, new EnhancedStatusCode(4, 2, 1), $"mailbox {recipient} is full, später", 452, "mx.example.org")
        {
            Protection = recipient % 2 == 0 ? "TLSv1.3 TLS_AES_256_GCM_SHA384, verified" : null,
            IsReportedOn = recipient % 2 == 0,
            KeepsDeadline = recipient % 2 == 1,
        };

    /// <summary>Octets that differ with the seed and contain no long run.</summary>
    public static byte[] Octets(int seed, int length)
    {
        var octets = new byte[length];
        new Random(seed).NextBytes(octets);
        return octets;
    }

    /// <summary>Writes a body in slices of uneven sizes.</summary>
    public static async ValueTask<IBodyWriter> BodyAsync(ISpool spool, ReadOnlyMemory<byte> octets)
    {
        var body = spool.CreateBody();
        for (var slice = 1; octets.Length > 0; slice = Math.Min(slice * 5, 16_000))
        {
            var part = octets[..Math.Min(slice, octets.Length)];
            Xunit.Assert.Equal(SpoolFault.None, await body.WriteAsync(part));
            octets = octets[part.Length..];
        }
        return body;
    }

    /// <summary>Reads the body of an envelope whole, in pieces of uneven sizes; null where it is not there.</summary>
    public static async ValueTask<byte[]?> ReadBodyAsync(ISpool spool, SpoolId envelope)
    {
        await using var reader = await spool.OpenBodyAsync(envelope);
        return reader is null ? null : await ReadAllAsync(reader);
    }

    /// <summary>Compares the body of an envelope with what was stored.</summary>
    public static async ValueTask AssertBodyAsync(ISpool spool, SpoolId envelope, byte[] expected) =>
        Xunit.Assert.Equal(expected, await ReadBodyAsync(spool, envelope));

    /// <summary>Reads what a reader gives, in pieces of uneven sizes.</summary>
    public static async ValueTask<byte[]> ReadAllAsync(IBodyReader reader)
    {
        var octets = new byte[reader.Length];
        var at = 0;
        for (var piece = 7; ; piece = Math.Min(piece * 9, 70_000))
        {
            var wanted = Math.Min(piece, octets.Length - at);
            if (wanted == 0)
                break;
            var read = await reader.ReadAsync(at, octets.AsMemory(at, wanted));
            Xunit.Assert.Equal(wanted, read);
            at += read;
        }
        Xunit.Assert.Equal(0, await reader.ReadAsync(at, new byte[10]));
        return octets;
    }

    /// <summary>Compares an envelope that was read with what was committed.</summary>
    public static void AssertSame(NewEnvelope expected, EntryState state, long bodyLength, StoredEnvelope? actual)
    {
        Xunit.Assert.NotNull(actual);
        Xunit.Assert.Equal(expected.Id, actual.Id);
        Xunit.Assert.Equal(expected.Message, actual.Message);
        Xunit.Assert.Equal(expected.Body, actual.Body);
        Xunit.Assert.Equal(bodyLength, actual.BodyLength);
        Xunit.Assert.Equal(expected.NextHop, actual.NextHop);
        Xunit.Assert.Equal(expected.Arrived, actual.Arrived);
        Xunit.Assert.Equal(expected.Envelope.Recipients.AsEnumerable(), actual.Envelope.Recipients.AsEnumerable());
        // All the other words at once.
        Xunit.Assert.Equal(expected.Envelope with { Recipients = [] }, actual.Envelope with { Recipients = [] });
        Xunit.Assert.Equal(
            expected.Edits.Edits.Select(e => (e.Offset, e.Drop, Convert.ToHexString(e.Insert.Span))),
            actual.Edits.Edits.Select(e => (e.Offset, e.Drop, Convert.ToHexString(e.Insert.Span))));
        AssertSame(state, actual.State);
    }

    /// <summary>Compares two states.</summary>
    public static void AssertSame(EntryState expected, EntryState actual)
    {
        Xunit.Assert.Equal(expected.Version, actual.Version);
        Xunit.Assert.Equal(expected.Attempts, actual.Attempts);
        Xunit.Assert.Equal(expected.Due, actual.Due);
        Xunit.Assert.Equal(expected.HoldReason, actual.HoldReason);
        Xunit.Assert.Equal(expected.Open.AsEnumerable(), actual.Open.AsEnumerable());
    }
}
