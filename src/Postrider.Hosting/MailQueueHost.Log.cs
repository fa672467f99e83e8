using Microsoft.Extensions.Logging;

namespace Postrider.Hosting;

internal sealed partial class MailQueueHost
{
    [LoggerMessage(511, LogLevel.Information, "{Entries} envelopes are queued from before, {Held} of them held")]
    private partial void LogRecovered(int entries, int held);

    [LoggerMessage(591, LogLevel.Error, "{File} is damaged from {Offset} on for {Length} octets, which are set aside: {What}")]
    private partial void LogDamage(string file, long offset, long length, string what);

    [LoggerMessage(512, LogLevel.Warning, "stopped before {Attempts} attempts had ended; they are made again after the next start")]
    private partial void LogUnfinished(int attempts);
}
