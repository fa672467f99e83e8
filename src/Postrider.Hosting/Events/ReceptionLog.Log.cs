using Microsoft.Extensions.Logging;
using Postrider.Queue.Spool;
using Postrider.Smtp.Replies;

namespace Postrider.Hosting.Events;

internal sealed partial class ReceptionLog
{
    [LoggerMessage(101, LogLevel.Information, "{Message} accepted from <{Sender}> to {Recipients}, {Size} octets, by {Peer} with {Protocol}")]
    private partial void LogAccepted(SpoolId message, string sender, string recipients, long size, string peer, string protocol);

    [LoggerMessage(102, LogLevel.Information, "ETRN {Node}: {Reply} ({Peer})")]
    private partial void LogQueueAskedFor(string node, Reply reply, string peer);

    [LoggerMessage(111, LogLevel.Warning, "refused sender <{Sender}>: {Reply} ({Peer})")]
    private partial void LogSenderRefused(string sender, Reply reply, string peer);

    [LoggerMessage(112, LogLevel.Information, "refused recipient <{Recipient}> from <{Sender}>: {Reply} ({Peer})")]
    private partial void LogRecipientRefused(string sender, string recipient, Reply reply, string peer);

    [LoggerMessage(113, LogLevel.Warning, "{Message} refused from <{Sender}> to {Recipients}: {Reply} ({Peer})")]
    private partial void LogMessageRefused(SpoolId message, string sender, string recipients, Reply reply, string peer);
}
