using Microsoft.Extensions.Logging;
using Postrider.Queue.Spool;

namespace Postrider.Hosting.Events;

internal sealed partial class QueueLog
{
    [LoggerMessage(301, LogLevel.Information, "{Message} delivered from <{Sender}> to <{Recipient}>: {Said}")]
    private partial void LogDelivered(SpoolId message, string sender, string recipient, string said);

    [LoggerMessage(302, LogLevel.Information, "{Message} relayed from <{Sender}> to <{Recipient}>: {Said}")]
    private partial void LogRelayed(SpoolId message, string sender, string recipient, string said);

    [LoggerMessage(303, LogLevel.Information, "{Message} expanded from <{Sender}> to <{Recipient}>: {Said}")]
    private partial void LogExpanded(SpoolId message, string sender, string recipient, string said);

    [LoggerMessage(304, LogLevel.Information, "{Message} waits: {Reason}")]
    private partial void LogAwaited(SpoolId message, string reason);

    [LoggerMessage(305, LogLevel.Information, "{Envelope} is kept until {Until:yyyy-MM-ddTHH:mm:ssZ}, as the sender wants it")]
    private partial void LogKept(SpoolId envelope, DateTime until);

    [LoggerMessage(311, LogLevel.Warning, "{Message} deferred from <{Sender}> to <{Recipient}>: {Said} (attempt {Attempts}, next {Next:yyyy-MM-dd HH:mm:ss})")]
    private partial void LogDeferred(SpoolId message, string sender, string recipient, string said, int attempts, DateTimeOffset? next);

    [LoggerMessage(312, LogLevel.Warning, "{Message} failed from <{Sender}> to <{Recipient}>: {Said}")]
    private partial void LogGivenUp(SpoolId message, string sender, string recipient, string said);

    [LoggerMessage(313, LogLevel.Information, "{Message} reported as {Report} to <{To}> for {Recipients} recipients")]
    private partial void LogReport(SpoolId message, SpoolId report, string to, int recipients);

    [LoggerMessage(314, LogLevel.Warning, "{Message} not reported for {Recipients} recipients: {Reason}")]
    private partial void LogNoReport(SpoolId message, int recipients, string reason);

    [LoggerMessage(321, LogLevel.Warning, "{Envelope} held: {Reason}")]
    private partial void LogHeld(SpoolId envelope, string reason);

    [LoggerMessage(322, LogLevel.Information, "{Envelope} released")]
    private partial void LogReleased(SpoolId envelope);

    [LoggerMessage(323, LogLevel.Warning, "{Envelope} deleted with {Recipients} recipients")]
    private partial void LogDeleted(SpoolId envelope, int recipients);

    [LoggerMessage(391, LogLevel.Error, "{Envelope}: {What}")]
    private partial void LogTrouble(SpoolId envelope, string what, Exception? cause);
}
