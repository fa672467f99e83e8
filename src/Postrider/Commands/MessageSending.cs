using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Tls;
using Postrider.Transport.Dialing;
using Postrider.Transport.Sockets;
using Postrider.Transport.Tls;

namespace Postrider.Commands;

/// <summary>One message on its way to one server, and what is said of it.</summary>
internal sealed class MessageSending(RelayHost host, RelayTerms terms, string helloName, bool showDialogue)
{
    /// <summary>Sends it and prints what became of each recipient.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> SendAsync(ReversePath sender, IReadOnlyList<Mailbox> recipients, byte[] content, CancellationToken cancellationToken)
    {
        var envelope = new Envelope
        {
            ReversePath = sender,
            Recipients = [.. recipients.Select(static mailbox => new EnvelopeRecipient(mailbox))],
            Body = content.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)127) ? BodyType.EightBitMime : BodyType.SevenBit,
            SmtpUtf8 = sender.Mailbox is { IsAscii: false } || recipients.Any(static mailbox => !mailbox.IsAscii),
        };
        await using var connection = await ConnectAsync(cancellationToken);
        if (connection.Ending is { } ending)
        {
            await Console.Error.WriteLineAsync($"postrider: {host}: {Said(ending.ReplyCode, ending.Enhanced, ending.Text)}");
            return CodeOf(ending);
        }
        var result = await connection.SendAsync(envelope, new OctetContent(content), cancellationToken);
        await connection.QuitAsync(cancellationToken);
        return Report(recipients, result, connection.Ending);
    }

    private async Task<SmtpConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        ClientSettings settings;
        try
        {
            settings = new ClientSettings { HelloName = helloName };
        }
        catch (ArgumentException e)
        {
            throw new CommandException(ExitCode.Usage, $"--ehlo: \"{helloName}\" is not a name that can be said in EHLO.", e);
        }
        var credential = terms.Credentials is null ? null : (await terms.Credentials.GetAsync(cancellationToken)).Credential;
        SmtpConnection? connection = null;
        foreach (var address in await AddressesAsync(cancellationToken))
        {
            if (connection is not null)
                await connection.DisposeAsync();
            var plan = new RelayPlan(settings, new SystemTls(), terms, host, IPAddress.IsLoopback(address), credential);
            connection = await SmtpConnection.OpenAsync(
                new SocketNetwork(),
                new IPEndPoint(address, host.Port),
                plan.Client,
                plan.Tls,
                TimeProvider.System,
                showDialogue ? new PrintedDialogue() : null,
                cancellationToken);
            // Another address may answer where this one does not.
            if (connection.Ending is not { Kind: EndingKind.Unreachable })
                break;
        }
        return connection!;
    }

    private async Task<IPAddress[]> AddressesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return IPAddress.TryParse(host.Host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host.Host, cancellationToken);
        }
        catch (SocketException e)
        {
            throw new CommandException(ExitCode.Unavailable, $"{host.Host}: {e.Message}.", e);
        }
    }

    private static int Report(IReadOnlyList<Mailbox> recipients, TransactionResult result, SessionEnding? ending)
    {
        var code = ExitCode.Ok;
        var isTold = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < recipients.Count; i++)
        {
            var recipient = result.Recipients[i];
            var said = Said(recipient.ReplyCode, recipient.Enhanced, recipient.Text);
            if (recipient.Verdict == RecipientVerdict.Accepted)
            {
                // One reply for all recipients is said once.
                if (isTold.Add(said))
                    Console.WriteLine(said);
                continue;
            }
            Console.Error.WriteLine($"postrider: <{recipients[i]}>: {said}");
            code = recipient.Verdict == RecipientVerdict.Failed ? ExitCode.Unavailable
                : code == ExitCode.Ok ? ending is { Kind: EndingKind.Violation } ? ExitCode.Protocol : ExitCode.TemporaryFailure
                : code;
        }
        return code;
    }

    private static int CodeOf(SessionEnding ending) => ending.Kind switch
    {
        EndingKind.Unreachable => ExitCode.Unavailable,
        EndingKind.Violation => ExitCode.Protocol,
        // Neither protection nor credentials get better by waiting, for somebody at a keyboard.
        EndingKind.HandshakeFailed or EndingKind.Unprotected => ExitCode.Unavailable,
        EndingKind.NotAuthenticated when ending.ReplyCode is 0 or >= 500 => ExitCode.NoPermission,
        EndingKind.Refused when ending.ReplyCode >= 500 => ExitCode.Unavailable,
        _ => ExitCode.TemporaryFailure,
    };

    private static string Said(int code, EnhancedStatusCode enhanced, string text) =>
        code == 0 ? text : string.Create(CultureInfo.InvariantCulture, $"{code} {enhanced} {text}");

    private sealed class PrintedDialogue : IDialogueObserver
    {
        public void Sent(string line) => Console.WriteLine($"C: {line}");

        public void Received(string line) => Console.WriteLine($"S: {line}");

        public void BeganTls(TlsFacts facts) => Console.WriteLine($"*: {facts.Protocol} {facts.CipherSuite}, {Worth(facts.PeerCertificate)}");

        private static string Worth(TlsPeerCertificate? certificate) => certificate is null
            ? "no certificate"
            : $"certificate of {certificate.Subject}, {(certificate.IsTrusted ? "trusted" : "not trusted")}, {(certificate.NamesHost ? "names the host" : "does not name the host")}";

        public void SentContent(long octets) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"C: ({octets} octets of content)"));
    }

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
