using Microsoft.Extensions.Logging;
using Postrider.Smtp.Replies;

namespace Postrider.Hosting.Admission;

internal sealed partial class RefusalTally
{
    [LoggerMessage(221, LogLevel.Warning, "{Peer} refused: {Reply}")]
    private partial void LogRefused(string peer, Reply reply);

    [LoggerMessage(222, LogLevel.Warning, "{Count} more refused within a minute, the last {Peer}: {Reply}")]
    private partial void LogMore(int count, string peer, Reply reply);
}
