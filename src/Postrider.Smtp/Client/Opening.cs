using System.Buffers;
using System.Text;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Tls;

namespace Postrider.Smtp.Client;

/// <summary>
/// All that comes before the first MAIL: the greeting, EHLO or HELO, the stages of the extensions, and
/// all of it but the greeting once more when TLS has begun.
/// </summary>
internal sealed class Opening(ClientSettings settings)
{
    private enum Phase
    {
        Greeting,
        Ehlo,
        Helo,
        Stage,
        Work,
        Tls,

        /// <summary>TLS has begun and EHLO is to be said again.</summary>
        Resuming,
    }

    private Phase phase = Phase.Greeting;
    private List<ClientExtension> offered = [];
    private int nextExtension;
    private ClientStage? stage;

    /// <summary>What the server offers; null until it has answered EHLO or HELO.</summary>
    public PeerCapabilities? Peer { get; private set; }

    /// <summary>The extensions that are in use: those that both sides have.</summary>
    public IReadOnlyList<ClientExtension> Offered => offered;

    /// <summary>What the TLS handshake settled; null while the connection is in the clear.</summary>
    public TlsFacts? Tls { get; private set; }

    public bool WaitsForTls => phase == Phase.Tls;

    /// <summary>What a stage has to have computed before it goes on; null where there is nothing.</summary>
    public Action? Work => phase == Phase.Work ? stage!.Work : null;

    /// <summary>Whether what a stage says must not be shown.</summary>
    public bool IsSecret => phase is Phase.Stage or Phase.Work && stage!.IsSecret;

    public ClientDeadline Deadline => phase == Phase.Greeting ? ClientDeadline.Greeting : ClientDeadline.Hello;

    public string Doing => phase switch
    {
        Phase.Greeting => "waiting for the greeting",
        Phase.Ehlo => "waiting for the reply to EHLO",
        Phase.Helo => "waiting for the reply to HELO",
        Phase.Tls => "in the TLS handshake",
        _ => "before the first transaction",
    };

    public Progress Take(ReplyParser reply, ArrayBufferWriter<byte> commands) => phase switch
    {
        Phase.Greeting => TakeGreeting(reply, commands),
        Phase.Stage => TakeStage(reply, commands),
        _ => TakeHello(reply, commands),
    };

    /// <summary>TLS has begun: from the first octet, or after STARTTLS; then nothing counts that was said before (RFC 3207 §4.2).</summary>
    public void TlsEstablished(TlsFacts facts)
    {
        Tls = facts;
        if (phase == Phase.Greeting)
            return;
        Peer = null;
        offered = [];
        phase = Phase.Resuming;
    }

    /// <summary>The work is done: the stage writes its command.</summary>
    public void WorkDone(ArrayBufferWriter<byte> commands)
    {
        phase = Phase.Stage;
        stage!.Resume(commands);
    }

    /// <summary>Says EHLO where TLS has just begun.</summary>
    public void Resume(ArrayBufferWriter<byte> commands)
    {
        if (phase != Phase.Resuming)
            return;
        Say("EHLO "u8, commands);
        phase = Phase.Ehlo;
    }

    private Progress TakeGreeting(ReplyParser reply, ArrayBufferWriter<byte> commands)
    {
        if (reply.Code / 100 != 2)
            return Refused(reply, commands);
        Say("EHLO "u8, commands);
        phase = Phase.Ehlo;
        return Progress.GoesOn;
    }

    private Progress TakeHello(ReplyParser reply, ArrayBufferWriter<byte> commands)
    {
        var isExtended = phase == Phase.Ehlo;
        // RFC 5321 §3.2: a server that does not know EHLO is spoken to by HELO.
        if (isExtended && reply.Code is >= 500 and not 521)
        {
            Say("HELO "u8, commands);
            phase = Phase.Helo;
            return Progress.GoesOn;
        }
        if (reply.Code / 100 != 2)
            return Refused(reply, commands);
        var peer = PeerCapabilities.Read(reply, isExtended, Tls);
        Peer = peer;
        offered = [.. settings.Extensions.Where(extension => peer.Offers(extension.Keyword))];
        nextExtension = 0;
        return EnterStage(commands);
    }

    private Progress EnterStage(ArrayBufferWriter<byte> commands)
    {
        while (nextExtension < settings.Extensions.Length)
        {
            var extension = settings.Extensions[nextExtension++];
            if (extension.RefusePeer(Peer!) is { } refusal)
                return Quit(refusal, commands);
            if ((extension.NeedsOffer && !Peer!.Offers(extension.Keyword)) || extension.BeforeMail(Peer!) is not { } next)
                continue;
            stage = next;
            phase = Phase.Stage;
            stage.Start(commands);
            return Progress.GoesOn;
        }
        return Progress.Done;
    }

    private Progress TakeStage(ReplyParser reply, ArrayBufferWriter<byte> commands)
    {
        switch (stage!.Continue(reply, commands))
        {
            case StageStep.GoesOn:
                return Progress.GoesOn;
            case StageStep.Works:
                phase = Phase.Work;
                return Progress.GoesOn;
            case StageStep.Done:
                return EnterStage(commands);
            case StageStep.UpgradeTls:
                phase = Phase.Tls;
                return Progress.GoesOn;
            default:
                return Quit(stage.Failure!, commands);
        }
    }

    private static Progress Refused(ReplyParser reply, ArrayBufferWriter<byte> commands) => reply.Code / 100 == 3
        ? Progress.Violation("The server answered with a code that has no meaning here")
        : Quit(reply.ToEnding(EndingKind.Refused), commands);

    // RFC 5321 §3.1: a server that refused waits for QUIT.
    private static Progress Quit(SessionEnding ending, ArrayBufferWriter<byte> commands)
    {
        commands.Write("QUIT\r\n"u8);
        return Progress.Ended(ending);
    }

    private void Say(ReadOnlySpan<byte> verb, ArrayBufferWriter<byte> commands)
    {
        commands.Write(verb);
        Encoding.ASCII.GetBytes(settings.HelloName, commands);
        commands.Write("\r\n"u8);
    }
}
