using Microsoft.Extensions.Logging;
using Postrider.Queue.Spool;

namespace Postrider.Hosting.Events;

internal sealed partial class DeliveryLog
{
    [LoggerMessage(401, LogLevel.Debug, "{Envelope} tried at {NextHop} for {Milliseconds} ms")]
    private partial void LogAttempt(SpoolId envelope, string nextHop, double milliseconds);

    [LoggerMessage(402, LogLevel.Information, "{Envelope} goes to {NextHops} instead of {NextHop}: the routes have changed")]
    private partial void LogRerouted(SpoolId envelope, string nextHop, string nextHops);

    [LoggerMessage(411, LogLevel.Warning, "{Site} is left alone until {Until:HH:mm:ss}: {Reason}")]
    private partial void LogSiteClosed(string site, DateTimeOffset until, string reason);

    [LoggerMessage(412, LogLevel.Information, "{Site} gets {Limit} attempts at a time: {Reason}")]
    private partial void LogSiteLimit(string site, int limit, string reason);

    [LoggerMessage(413, LogLevel.Warning, "TLS with {Host} at {EndPoint} does not come about: {Reason}; mail goes there in the clear until {Until:HH:mm:ss}, where it may")]
    private partial void LogTlsBroken(string host, string endPoint, string reason, DateTimeOffset until);

    [LoggerMessage(491, LogLevel.Error, "the attempt for {Envelope} at {NextHop} failed within")]
    private partial void LogFailed(SpoolId envelope, string nextHop, Exception exception);
}
