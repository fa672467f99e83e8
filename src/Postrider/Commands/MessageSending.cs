using System.Collections.Immutable;
using System.Globalization;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Transport.Dialing;

namespace Postrider.Commands;

/// <summary>One message on its way to one server, and what is said of it.</summary>
internal sealed class MessageSending(RelayHost host, ServerConnection server)
{
    /// <summary>Sends it and prints what became of each recipient.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> SendAsync(Envelope envelope, byte[] content, CancellationToken cancellationToken)
    {
        await using var connection = await server.OpenAsync(null, cancellationToken);
        if (connection.Ending is { } ending)
        {
            await Console.Error.WriteLineAsync($"postrider: {host}: {Said(ending.ReplyCode, ending.Enhanced, ending.Text)}");
            return ServerConnection.CodeOf(ending);
        }
        // Whom the server takes no more of in one transaction gets the message in another one.
        List<(EnvelopeRecipient To, RecipientResult Result)> results = [];
        for (var left = envelope.Recipients; ;)
        {
            var result = await connection.SendAsync(envelope with { Recipients = left }, new OctetContent(content), cancellationToken);
            var all = left.Zip(result.Recipients).ToList();
            var goesOn = connection.Ending is null && all.Exists(static one => one.Second.Verdict != RecipientVerdict.Surplus);
            var surplus = goesOn ? [.. all.Where(static one => one.Second.Verdict == RecipientVerdict.Surplus).Select(static one => one.First)] : ImmutableArray<EnvelopeRecipient>.Empty;
            results.AddRange(surplus.IsEmpty ? all : all.Where(static one => one.Second.Verdict != RecipientVerdict.Surplus));
            if (surplus.IsEmpty)
                break;
            left = surplus;
        }
        await connection.QuitAsync(cancellationToken);
        return Report(results, connection.Ending);
    }

    private static int Report(IEnumerable<(EnvelopeRecipient To, RecipientResult Result)> results, SessionEnding? ending)
    {
        var code = ExitCode.Ok;
        var isTold = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (to, recipient) in results)
        {
            var said = Said(recipient.ReplyCode, recipient.Enhanced, recipient.Text);
            if (recipient.Verdict == RecipientVerdict.Accepted)
            {
                // One reply for all recipients is said once.
                if (isTold.Add(said))
                    Console.WriteLine(said);
                continue;
            }
            Console.Error.WriteLine($"postrider: <{to.Mailbox}>: {said}");
            code = recipient.Verdict == RecipientVerdict.Failed ? ExitCode.Unavailable
                : code == ExitCode.Ok ? ending is { Kind: EndingKind.Violation } ? ExitCode.Protocol : ExitCode.TemporaryFailure
                : code;
        }
        return code;
    }

    private static string Said(int code, EnhancedStatusCode enhanced, string text) =>
        code == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{code} {enhanced} {text}");

    private sealed class OctetContent(byte[] octets) : IContentSource
    {
        private int position;

        public long Length => octets.Length;

        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(buffer.Length, octets.Length - position);
            octets.AsMemory(position, count).CopyTo(buffer);
            position += count;
            return new ValueTask<int>(count);
        }

        public void Rewind() => position = 0;
    }
}
