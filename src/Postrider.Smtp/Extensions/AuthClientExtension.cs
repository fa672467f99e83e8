using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Postrider.Smtp.Client;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// AUTH (RFC 4954), the client's half: proves who we are before the first MAIL, by the strongest mechanism that
/// both sides know. Where that cannot be done the session ends: a refusal concerns our credentials, which an
/// operator can mend, so that it is never final for the mail.
/// </summary>
/// <remarks>It stands behind <see cref="StartTlsClientExtension"/> in the list, so that the credentials go by TLS.</remarks>
/// <param name="credential">Who we are.</param>
/// <param name="host">The name of the server, which some mechanisms state; or null.</param>
/// <param name="port">Its port, or 0.</param>
/// <param name="isLoopback">Whether the connection stays on this machine: credentials go over it in the clear.</param>
/// <param name="nonces">Fills octets from a cryptographic source.</param>
public sealed class AuthClientExtension(SaslCredential credential, string? host, int port, bool isLoopback, Action<Span<byte>> nonces) : ClientExtension
{
    // RFC 3463 §3.8: X.7.4 security features not supported, X.7.8 credentials invalid (RFC 4954 §6).
    private static readonly EnhancedStatusCode NotSupported = new(4, 7, 4);
    private static readonly EnhancedStatusCode Invalid = new(4, 7, 8);

    /// <inheritdoc/>
    public override string Keyword => "AUTH";

    /// <inheritdoc/>
    public override SessionEnding? RefusePeer(PeerCapabilities peer)
    {
        // Nothing is said yet, and no secret goes into it.
        Span<byte> nonce = stackalloc byte[SaslCredential.NonceSize];
        nonce.Clear();
        return Begin(peer, nonce, out var refusal) is null ? new SessionEnding(EndingKind.NotAuthenticated, 0, NotSupported, refusal!) : null;
    }

    /// <inheritdoc/>
    public override ClientStage? BeforeMail(PeerCapabilities peer)
    {
        Span<byte> nonce = stackalloc byte[SaslCredential.NonceSize];
        nonces(nonce);
        return new Stage(Begin(peer, nonce, out _)!, credential.UserName);
    }

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        // RFC 4954 §5: nobody whom we believe has said who submitted the message first, and that has to be stated.
        command.Write(" AUTH=<>"u8);
    }

    private SaslClient? Begin(PeerCapabilities peer, ReadOnlySpan<byte> nonce, out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(peer);
        var offered = peer.Parameters(Keyword)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var channel = new SaslChannel
        {
            IsProtected = peer.Tls is not null || isLoopback,
            ServerEndPoint = peer.Tls?.ServerEndPoint ?? default,
            Host = host,
            Port = port,
        };
        return credential.Begin(offered, channel, nonce, out refusal);
    }

    private sealed class Stage(SaslClient client, string user) : ClientStage
    {
        // RFC 4954 §4: the line with AUTH in it is no longer than any other, 512 octets.
        private const int MaxCommandLine = 512;

        private byte[]? initial = client.InitialResponse;
        private byte[]? challenge;

        public override bool IsSecret => true;

        public override void Start(IBufferWriter<byte> commands)
        {
            commands.Write("AUTH "u8);
            commands.Write(Encoding.ASCII.GetBytes(client.Mechanism));
            if (initial is not null && "AUTH ".Length + client.Mechanism.Length + 1 + Base64.GetMaxEncodedToUtf8Length(initial.Length) + 2 <= MaxCommandLine)
            {
                commands.Write(" "u8);
                // RFC 4954 §4: an empty response that is sent with the command is a single "=".
                commands.Write(initial.Length == 0 ? "="u8 : Encode(initial));
                initial = null;
            }
            commands.Write("\r\n"u8);
        }

        public override StageStep Continue(ReplyParser reply, IBufferWriter<byte> commands)
        {
            switch (reply.Code)
            {
                case 334:
                    return Take(reply.Line(0), commands);
                case 235 when client.IsServerProven && client.Fault is null:
                    return StageStep.Done;
                case 235:
                    return Fail(0, client.Fault ?? "The server has not shown that it knows the password");
                default:
                    var fault = client.Fault is null ? "" : $" ({client.Fault})";
                    return Fail(reply.Code, $"The server does not let {(user.Length == 0 ? "us" : user)} in by {client.Mechanism}: {reply.ToText()}{fault}", reply.Enhanced);
            }
        }

        public override void Resume(IBufferWriter<byte> commands)
        {
            (Work, var answered) = (null, challenge!);
            challenge = null;
            Say(client.Respond(answered), commands);
        }

        private StageStep Take(ReadOnlySpan<byte> text, IBufferWriter<byte> commands)
        {
            // RFC 4954 §4: what had no room in the command answers the first challenge, which is empty then.
            if (initial is { } first)
            {
                initial = null;
                Say(first, commands);
                return StageStep.GoesOn;
            }
            var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
            if (Base64.DecodeFromUtf8(text, decoded, out _, out var length) != OperationStatus.Done)
            {
                Say(null, commands);
                return StageStep.GoesOn;
            }
            challenge = decoded[..length];
            Work = client.Prepare(challenge);
            if (Work is not null)
                return StageStep.Works;
            Resume(commands);
            return StageStep.GoesOn;
        }

        private static void Say(byte[]? response, IBufferWriter<byte> commands)
        {
            commands.Write(response is null ? "*"u8 : Encode(response));
            commands.Write("\r\n"u8);
        }

        private StageStep Fail(int code, string text, EnhancedStatusCode said = default)
        {
            var enhanced = said.IsNone ? Invalid : said with { Class = 4 };
            Failure = new SessionEnding(EndingKind.NotAuthenticated, code, enhanced, text);
            return StageStep.Failed;
        }

        private static byte[] Encode(byte[] octets)
        {
            var text = new byte[Base64.GetMaxEncodedToUtf8Length(octets.Length)];
            Base64.EncodeToUtf8(octets, text, out _, out _);
            return text;
        }
    }
}
