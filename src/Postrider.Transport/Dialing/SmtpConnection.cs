using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Tls;

namespace Postrider.Transport.Dialing;

/// <summary>
/// A connection to an SMTP server, and the pump of its client session. What goes wrong on it is a result,
/// not an exception. For one caller at a time.
/// </summary>
public sealed class SmtpConnection : IAsyncDisposable
{
    private readonly ClientSettings settings;
    private readonly ClientSession session;
    private readonly ClientWire? wire;
    private readonly DialTls? tls;
    private readonly IHeavyWork? work;
    private readonly DialogueLines? dialogue;
    private readonly TimeProvider time;
    private readonly ArrayBufferWriter<byte> commands = new(512);
    private ContentBlocks? blocks;

    private SmtpConnection(ITransport? transport, ClientSettings settings, DialTls? tls, TimeProvider time, IDialogueObserver? observer, IHeavyWork? work)
    {
        this.settings = settings;
        this.tls = tls;
        this.work = work;
        this.time = time;
        session = new ClientSession(settings);
        dialogue = observer is null ? null : new DialogueLines(observer);
        wire = transport is null ? null : new ClientWire(transport, session, settings.Timeouts, time, dialogue);
    }

    /// <summary>Why the connection is over; null while it can serve.</summary>
    public SessionEnding? Ending => session.Ending;

    /// <summary>What the server offers; null where it never got as far.</summary>
    public PeerCapabilities? Peer => session.Peer;

    /// <summary>What the TLS handshake settled; null while the connection is in the clear.</summary>
    public TlsFacts? Tls => session.Tls;

    /// <summary>The address of the server, or null.</summary>
    public EndPoint? RemoteEndPoint => wire?.RemoteEndPoint;

    /// <summary>Transactions so far.</summary>
    public int Transactions { get; private set; }

    /// <summary>Whether it can serve, as far as is known: a server that closes an idle connection, or speaks on it, is noticed.</summary>
    public bool IsUsable => session.Ending is null && Transactions < MostTransactions() && wire is { IsCancelled: false, HasNews: false };

    /// <summary>Connects and greets. A connection that could not be made, or was refused, has its <see cref="Ending"/>.</summary>
    /// <param name="network">Where connections come from.</param>
    /// <param name="endPoint">The server.</param>
    /// <param name="settings">How to speak to it. An extension that begins TLS needs <paramref name="tls"/>.</param>
    /// <param name="tls">How the connection comes under TLS, or null where it never does.</param>
    /// <param name="time">The clock of its time limits.</param>
    /// <param name="observer">Sees what is said, or null.</param>
    /// <param name="work">Where keys are derived from passwords; null for the thread of the session.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<SmtpConnection> OpenAsync(
        INetwork network,
        IPEndPoint endPoint,
        ClientSettings settings,
        DialTls? tls,
        TimeProvider time,
        IDialogueObserver? observer = null,
        IHeavyWork? work = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(time);
        ITransport? made = null;
        var kind = EndingKind.Unreachable;
        string? problem = null;
        using (var patience = new CancellationTokenSource(settings.Timeouts.Connect, time))
        using (var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken))
        {
            try
            {
                made = await network.ConnectAsync(endPoint, both.Token);
            }
            catch (IOException e)
            {
                problem = e.Message;
            }
            catch (OperationCanceledException)
            {
                kind = cancellationToken.IsCancellationRequested ? EndingKind.Cancelled : EndingKind.Unreachable;
                problem = $"Cannot connect to {endPoint}: no answer in time";
            }
        }
        var connection = new SmtpConnection(made, settings, tls, time, observer, work);
        if (made is null)
            connection.session.Abandon(kind, problem);
        await connection.RunAsync(content: null, cancellationToken, isFirst: true);
        if (connection.Ending is not null)
            await connection.CloseAsync();
        return connection;
    }

    /// <summary>Takes over a connection whose roles have changed: the peer greets. One whose greeting does not come, or refuses us, has its <see cref="Ending"/>.</summary>
    /// <param name="transport">The connection; disposed of with this.</param>
    /// <param name="settings">How to speak on it.</param>
    /// <param name="tls">What protects it, or null where it is in the clear.</param>
    /// <param name="time">The clock of its time limits.</param>
    /// <param name="observer">Sees what is said, or null.</param>
    /// <param name="work">Where keys are derived from passwords; null for the thread of the session.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<SmtpConnection> TakeOverAsync(
        ITransport transport,
        ClientSettings settings,
        TlsFacts? tls,
        TimeProvider time,
        IDialogueObserver? observer = null,
        IHeavyWork? work = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(time);
        var connection = new SmtpConnection(transport, settings, tls: null, time, observer, work);
        if (tls is not null)
            connection.session.TlsEstablished(tls);
        await connection.RunAsync(content: null, cancellationToken);
        if (connection.Ending is not null)
            await connection.CloseAsync();
        return connection;
    }

    /// <summary>The reply to the last <see cref="TurnAsync"/>, or null.</summary>
    public Reply? TurnReply => session.TurnReply;

    /// <summary>Says TURN (RFC 821 §3.8) or ATRN (RFC 2645): asks the server for its mail for us over this connection.</summary>
    /// <param name="domains">The domains to name in ATRN, none for all that are ours; null for TURN.</param>
    /// <param name="cancellationToken">Gives up, and breaks the connection.</param>
    /// <returns>
    /// The connection, the caller's to serve on and dispose of, where the server agreed; this one is over then. Null where it did not:
    /// <see cref="TurnReply"/> or <see cref="Ending"/> says why.
    /// </returns>
    public async ValueTask<ITransport?> TurnAsync(IReadOnlyList<string>? domains, CancellationToken cancellationToken = default)
    {
        session.Turn(domains);
        await RunAsync(content: null, cancellationToken);
        if (session.Ending is not { Kind: EndingKind.Turned })
        {
            if (session.Ending is not null)
                await CloseAsync();
            return null;
        }
        if (wire!.Release() is { } transport)
            return transport;
        await CloseAsync();
        return null;
    }

    /// <summary>Sends a message. On a connection that is over, or ends on the way, the recipients' results say so.</summary>
    /// <param name="envelope">Sender and recipients; one at least.</param>
    /// <param name="content">The content; read only once somebody is accepted.</param>
    /// <param name="cancellationToken">Gives up, and breaks the connection.</param>
    /// <remarks>What <paramref name="content"/> throws is passed on, after the connection has been broken before the message's end.</remarks>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<TransactionResult> SendAsync(Envelope envelope, IContentSource content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        ArgumentNullException.ThrowIfNull(content);
        // Something may have come while it was idle.
        if (wire is { HasNews: true })
        {
            await wire.ReceiveAsync(ClientDeadline.Mail);
            await RunAsync(content: null, cancellationToken);
        }
        try
        {
            (envelope, content) = await FitAsync(envelope, content, cancellationToken);
            var hasEightBit = envelope.Body == BodyType.EightBitMime && await MayHaveEightBitAsync(content, cancellationToken);
            session.Begin(new ClientTransaction(envelope, content.Length, hasEightBit, settings) { Now = time.GetUtcNow() });
            Transactions++;
            await RunAsync(content, cancellationToken);
            var result = session.Result!;
            if (session.Ending is not null)
                await CloseAsync();
            return result;
        }
        catch
        {
            // The message has not been sent to its end and must not seem so.
            wire?.Abort();
            session.Abandon(EndingKind.Cancelled);
            throw;
        }
        finally
        {
            blocks?.Dispose();
            blocks = null;
        }
    }

    /// <summary>From here on, notices if the server closes the connection or speaks on it, until the next transaction.</summary>
    public void Rest()
    {
        if (session.Ending is null)
            wire?.Watch();
    }

    /// <summary>Says QUIT, waits a moment for the reply, and closes.</summary>
    public async ValueTask QuitAsync(CancellationToken cancellationToken = default)
    {
        if (session.Ending is null)
        {
            session.Quit();
            await RunAsync(content: null, cancellationToken);
        }
        await CloseAsync();
    }

    /// <summary>Closes without QUIT.</summary>
    public ValueTask DisposeAsync() => CloseAsync();

    private async ValueTask CloseAsync()
    {
        session.Abandon(EndingKind.Cancelled);
        if (wire is not null)
            await wire.DisposeAsync();
    }

    // Drives the session until its owner has to do something. Without a connection it is over at once.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask RunAsync(IContentSource? content, CancellationToken cancellationToken, bool isFirst = false)
    {
        await using var cancellation = cancellationToken.UnsafeRegister(static state => ((SmtpConnection)state!).wire?.Cancel(), this);
        if (isFirst && wire is not null && tls is { FromFirstOctet: true })
            await wire.BeginTlsAsync(tls);
        while (true)
        {
            var step = session.Advance(wire is null ? [] : wire.Unread, commands);
            wire?.Consume(step.Consumed);
            if (commands.WrittenCount > 0)
                await SendCommandsAsync(step.IsSecret);
            switch (step.Kind)
            {
                case ClientStepKind.NeedInput:
                    await wire!.ReceiveAsync(step.Deadline);
                    break;
                case ClientStepKind.UpgradeTls:
                    await wire!.BeginTlsAsync(tls ?? throw new InvalidOperationException("An extension asks for TLS, and nobody has said how."));
                    break;
                case ClientStepKind.Work:
                    if (work is null)
                        session.Work!();
                    else
                        await work.RunAsync(session.Work!);
                    session.WorkDone();
                    break;
                case ClientStepKind.SendBody:
                    await SendBlockAsync(content!, cancellationToken);
                    break;
                default:
                    wire?.Rest();
                    return;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendCommandsAsync(bool isSecret)
    {
        dialogue?.Sent(commands.WrittenSpan, isSecret);
        await wire!.WriteAsync(commands.WrittenMemory);
        commands.ResetWrittenCount();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendBlockAsync(IContentSource content, CancellationToken cancellationToken)
    {
        blocks ??= new ContentBlocks(content, session.Framing);
        ReadOnlyMemory<byte> block;
        try
        {
            block = await blocks.NextAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (wire!.IsCancelled)
        {
            session.Abandon(EndingKind.Cancelled);
            return;
        }
        // Before the write: from its first octet on nobody can say what the server got.
        if (blocks.HasEnded)
            session.BodySent();
        await wire!.WriteAsync(block);
        if (blocks.HasEnded)
            dialogue?.SentContent(blocks.Octets);
    }

    // RFC 9422 §3.1.1: what comes after the last goes over another connection.
    private int MostTransactions()
    {
        var most = int.MaxValue;
        foreach (var extension in settings.Extensions)
        {
            if (Peer?.Offers(extension.Keyword) == true)
                most = Math.Min(most, extension.MostTransactions(Peer));
        }
        return most;
    }

    // What the server does not take is converted, where that can be done; where not, the extension refuses it.
    private async ValueTask<(Envelope Envelope, IContentSource Content)> FitAsync(Envelope envelope, IContentSource content, CancellationToken cancellationToken)
    {
        if (Peer is null)
            return (envelope, content);
        var takesEightBit = Peer.Offers("8BITMIME");
        var takesUtf8 = Peer.Offers("SMTPUTF8");
        var isTaken = envelope.Body switch
        {
            BodyType.BinaryMime => Peer.Offers("BINARYMIME") && Peer.Offers("CHUNKING"),
            BodyType.EightBitMime => takesEightBit || settings.SendEightBitAnyway,
            _ => true,
        };
        if (isTaken && (takesUtf8 || !envelope.SmtpUtf8))
            return (envelope, content);
        try
        {
            if (await content.ConvertAsync(takesEightBit, envelope.SmtpUtf8 && takesUtf8, settings.Limits.MaxMimeParts, cancellationToken) is not { } converted)
                return (envelope, content);
            var body = envelope.Body == BodyType.SevenBit || !takesEightBit ? BodyType.SevenBit : BodyType.EightBitMime;
            return (envelope with { Body = body, SmtpUtf8 = envelope.SmtpUtf8 && takesUtf8 }, converted);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            wire?.Cancel();
            wire?.Abandon(null);
            return (envelope, content);
        }
    }

    // Declared 8-bit content is looked through only where it decides whether the message can be sent.
    private async ValueTask<bool> MayHaveEightBitAsync(IContentSource content, CancellationToken cancellationToken)
    {
        if (settings.SendEightBitAnyway || Peer is null || Peer.Offers("8BITMIME"))
            return true;
        var buffer = ArrayPool<byte>.Shared.Rent(16_384);
        try
        {
            content.Rewind();
            while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                if (buffer.AsSpan(0, count).ContainsAnyExceptInRange((byte)0, (byte)127))
                    return true;
            }
            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            wire?.Cancel();
            wire?.Abandon(null);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
