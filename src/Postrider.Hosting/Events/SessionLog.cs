using Microsoft.Extensions.Logging;
using Postrider.Hosting.Admission;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Listening;
using Postrider.Transport.Tls;

namespace Postrider.Hosting.Events;

/// <summary>Logs what becomes of connections. Those that come and go as they should are debugging matter.</summary>
internal sealed partial class SessionLog(RefusalTally tally, ILogger<SessionLog> logger) : IServerObserver
{
    public void Connected(SessionFacts facts)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogConnected(PeerText.Of(facts));
    }

    public void TurnedAway(SessionFacts facts, Reply reply) => tally.Count(reply, facts);

    public void Refused(SessionFacts facts, Reply reply) => tally.Count(reply, facts);

    public void ProxyRefused(SessionFacts proxy, string problem) => LogProxyRefused(PeerText.Of(proxy), problem);

    // Whoever scans for open ports causes these: they are no warning.
    public void TlsFailed(SessionFacts facts, TlsFailure failure)
    {
        if (logger.IsEnabled(LogLevel.Information))
            LogTlsFailed(PeerText.Of(facts), failure.Reason);
    }

    public void HandlerFailed(SessionFacts facts, Exception exception) => LogHandlerFailed(PeerText.Of(facts), exception);

    public void Faulted(SessionFacts facts, Exception exception) => LogFaulted(PeerText.Of(facts), exception);

    public void Ended(SessionFacts facts, SessionEnd end)
    {
        if (logger.IsEnabled(LogLevel.Debug))
            LogEnded(PeerText.Of(facts), facts.PeerName, end.Reason, end.MessagesAccepted, end.OctetsReceived);
    }
}
