using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postrider.FunctionalTests;

/// <summary>A server of example.org that takes submissions, with an account for tim@example.org.</summary>
internal static class SubmissionServer
{
    /// <summary>Starts it, and waits until the account is in force.</summary>
    /// <param name="password">The account's password.</param>
    /// <param name="isOverTls">Whether it has a certificate, signed by itself.</param>
    public static async Task<ServerProcess> StartAsync(string password, bool isOverTls = false)
    {
        using var folder = new TemporaryFolder("submission");
        var pair = Path.Combine(folder.Path, "pair.pem");
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            using var certificate = new CertificateRequest("CN=mail.example.org", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
            await File.WriteAllTextAsync(pair, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        }
        var server = await ServerProcess.StartAsync($$"""
            {
              "hostname": "mail.example.org",
              "localDomains": [ "example.org" ],
              "listeners": [ { "address": "127.0.0.1", "port": {{ServerProcess.PortMark}}, "kind": "submission" } ],
              {{(isOverTls ? $"\"tls\": {{ \"certificates\": [ {{ \"certificate\": \"{pair}\" }} ] }}," : "")}}
            }
            """);
        var added = await CommandRun.InAsync(Environment.CurrentDirectory, password + "\n", "user", "add", "tim@example.org", "--config", server.ConfigurationFile!, "--data", server.Data);
        Assert.Equal(0, added.ExitCode);
        await Eventually.TrueAsync(() => server.Output.Contains("1 accounts are in force", StringComparison.Ordinal), () => server.Output);
        return server;
    }
}
