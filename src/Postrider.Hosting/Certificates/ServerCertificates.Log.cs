using Microsoft.Extensions.Logging;

namespace Postrider.Hosting.Certificates;

internal sealed partial class ServerCertificates
{
    [LoggerMessage(511, LogLevel.Information, "TLS: {File} is in force, for {Names}, until {End:u}")]
    private partial void LogInForce(string file, string names, DateTimeOffset end);

    [LoggerMessage(512, LogLevel.Warning, "TLS: {File} {Problem}")]
    private partial void LogTime(string file, string problem);

    [LoggerMessage(513, LogLevel.Error, "TLS: what was in force stays so: {Problem}")]
    private partial void LogKept(string problem);
}
