using Microsoft.Extensions.Logging;
using Postrider.Transport.Listening;

namespace Postrider.Hosting.Events;

internal sealed partial class SessionLog
{
    [LoggerMessage(201, LogLevel.Debug, "{Peer} connected")]
    private partial void LogConnected(string peer);

    [LoggerMessage(202, LogLevel.Debug, "{Peer} ({Name}) ended: {Reason}, {Messages} messages, {Octets} octets")]
    private partial void LogEnded(string peer, string? name, SessionEndReason reason, int messages, long octets);

    [LoggerMessage(203, LogLevel.Information, "{Peer} and we did not come to TLS: {Reason}")]
    private partial void LogTlsFailed(string peer, string reason);

    [LoggerMessage(212, LogLevel.Warning, "the connection of proxy {Peer} was closed, its PROXY header was not right: {Problem}")]
    private partial void LogProxyRefused(string peer, string problem);

    [LoggerMessage(291, LogLevel.Error, "the session of {Peer} was answered with a transient failure")]
    private partial void LogHandlerFailed(string peer, Exception exception);

    [LoggerMessage(292, LogLevel.Error, "the session of {Peer} was cut off")]
    private partial void LogFaulted(string peer, Exception exception);
}
