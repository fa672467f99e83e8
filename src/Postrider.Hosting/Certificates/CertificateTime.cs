using System.Globalization;
using Postrider.Transport.Tls;

namespace Postrider.Hosting.Certificates;

/// <summary>What is to be said of a certificate's time.</summary>
internal static class CertificateTime
{
    private static readonly TimeSpan warnBefore = TimeSpan.FromDays(7);

    /// <summary>What is wrong with it at a time, or will be soon; null where nothing is.</summary>
    public static string? Problem(TlsCertificate certificate, DateTimeOffset now)
    {
        if (now < certificate.NotBefore)
            return string.Create(CultureInfo.InvariantCulture, $"is not valid before {certificate.NotBefore:u}; until then clients that look at it refuse it.");
        if (now >= certificate.NotAfter)
            return string.Create(CultureInfo.InvariantCulture, $"expired at {certificate.NotAfter:u}; clients that look at it refuse it.");
        return certificate.NotAfter - now < warnBefore
            ? string.Create(CultureInfo.InvariantCulture, $"expires at {certificate.NotAfter:u}; renew it.")
            : null;
    }
}
