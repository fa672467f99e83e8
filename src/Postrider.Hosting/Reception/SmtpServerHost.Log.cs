using System.Net;
using Microsoft.Extensions.Logging;

namespace Postrider.Hosting.Reception;

internal sealed partial class SmtpServerHost
{
    [LoggerMessage(501, LogLevel.Information, "not listening on {EndPoint}: {Reason}")]
    private partial void LogSkipped(IPEndPoint endPoint, string reason);
}
