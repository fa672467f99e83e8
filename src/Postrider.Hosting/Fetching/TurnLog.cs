using Microsoft.Extensions.Logging;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Events;
using Postrider.Smtp.Client;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Hosting.Fetching;

/// <summary>Logs who asks for mail by TURN and ATRN, and what went over the turned connections, in either direction.</summary>
internal sealed partial class TurnLog(ILogger<TurnLog> logger)
{
    /// <summary>A peer asks for its mail.</summary>
    public void Asked(TurnQuestion question, Reply reply, SessionFacts facts)
    {
        var command = question.Domains.IsEmpty ? question.Verb : $"{question.Verb} {string.Join(',', question.Domains)}";
        LogAsked(command, facts.Account ?? "no account", reply, PeerText.Of(facts));
    }

    /// <summary>A peer had its mail.</summary>
    public void Sent(SessionFacts facts, RelayTally tally, SessionEnding? ending) =>
        LogSent(PeerText.Of(facts), tally.Messages, tally.Relayed, tally.Deferred, tally.Failed, ending?.Text ?? "nothing said");

    /// <summary>We had ours.</summary>
    public void Fetched(RelayHost host, RelayTally sent, SessionEnd? end) =>
        LogFetched(end?.MessagesAccepted ?? 0, host, sent.Messages, end?.Reason.ToString() ?? "no session");

    [LoggerMessage(801, LogLevel.Information, "{Command} of {Account}: {Reply} ({Peer})")]
    private partial void LogAsked(string command, string account, Reply reply, string peer);

    [LoggerMessage(802, LogLevel.Information, "{Peer} fetched {Messages} messages: {Relayed} recipients relayed, {Deferred} deferred, {Failed} failed ({Ending})")]
    private partial void LogSent(string peer, int messages, int relayed, int deferred, int failed, string ending);

    [LoggerMessage(803, LogLevel.Information, "fetched {Messages} messages from {Host}, after {Sent} sent there ({Reason})")]
    private partial void LogFetched(int messages, RelayHost host, int sent, string reason);
}
