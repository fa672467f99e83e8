using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;

namespace Postrider.FunctionalTests.Interop;

/// <summary>What the scanners say of TLS from the first octet, and of STARTTLS.</summary>
public sealed class TlsScanTests
{
    private static readonly string[] old = ["SSLv2", "SSLv3", "TLS1", "TLS1_1"];
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(100);

    [Theory]
    [InlineData("implicit", "-p", "-s", "-R")]
    [InlineData("offered", "-t", "smtp", "-p", "-R", "-H", "-I")]
    public async Task Testssl_finds_nothing_wrong(string tls, params string[] checks)
    {
        var testssl = ExternalProgram.Require("testssl");
        await using var server = await TlsSandbox.StartAsync(tls);
        using var folder = new TemporaryFolder("testssl");
        var report = Path.Combine(folder.Path, "report.json");
        using var scan = testssl.Start([.. checks, "--quiet", "--color", "0", "--warnings", "off", "--nodns", "min", "--jsonfile", report, $"127.0.0.1:{server.Port}"]);
        scan.StandardInput.Close();
        var said = scan.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = scan.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await EndedAsync(scan);
        Assert.True(File.Exists(report), await said + await errors);

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken));
        var found = json.RootElement.EnumerateArray().Select(static one => (Id: Text(one, "id"), Severity: Text(one, "severity"), Finding: Text(one, "finding"))).ToList();
        string Of(string id) => found.SingleOrDefault(one => one.Id == id).Finding ?? "not looked at";
        Assert.All(old, version => Assert.Equal("not offered", Of(version)));
        Assert.Equal("offered", Of("TLS1_2"));
        Assert.StartsWith("offered", Of("TLS1_3"), StringComparison.Ordinal);
        Assert.Equal("supported", Of("secure_renego"));
        Assert.Equal("not vulnerable", Of("secure_client_renego"));
        // Ciphers in CBC mode, which the system's policy has, are LOW to it.
        Assert.DoesNotContain(found, static one => one.Severity is "MEDIUM" or "HIGH" or "CRITICAL" or "FATAL");
        Assert.DoesNotContain("Unhandled", server.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("implicit")]
    [InlineData("offered", "--starttls-smtp")]
    public async Task Sslscan_finds_nothing_wrong(string tls, params string[] options)
    {
        var sslscan = ExternalProgram.Require("sslscan");
        await using var server = await TlsSandbox.StartAsync(tls);
        var said = await sslscan.RunAsync(default, [.. options, "--xml=-", "--no-colour", $"127.0.0.1:{server.Port}"]);
        var scan = XDocument.Parse(said[said.IndexOf('<', StringComparison.Ordinal)..]).Descendants("ssltest").Single();

        Assert.Equal(
            "ssl2=0 ssl3=0 tls1.0=0 tls1.1=0 tls1.2=1 tls1.3=1",
            string.Join(' ', scan.Elements("protocol").Select(static one => $"{Text(one, "type")}{Text(one, "version")}={Text(one, "enabled")}")));
        // Whether it asks for one within a session depends on its version of OpenSSL; that none is insecure does not.
        Assert.NotEqual(("1", "0"), (Text(scan.Element("renegotiation")!, "supported"), Text(scan.Element("renegotiation")!, "secure")));
        Assert.All(scan.Elements("heartbleed"), static one => Assert.Equal("0", Text(one, "vulnerable")));
        var ciphers = scan.Elements("cipher").ToList();
        Assert.NotEmpty(ciphers);
        Assert.All(ciphers, static one => Assert.True(Text(one, "strength") is "strong" or "acceptable" && int.Parse(Text(one, "bits")!, System.Globalization.CultureInfo.InvariantCulture) >= 128, one.ToString()));
    }

    [Theory]
    [InlineData("-tls1_2", "TLSv1.2")]
    [InlineData("-tls1_3", "TLSv1.3")]
    public async Task OpenSSL_begins_TLS_by_STARTTLS(string option, string version)
    {
        var openssl = ExternalProgram.Require("openssl");
        await using var server = await TlsSandbox.StartAsync("required");
        using var client = openssl.Start("s_client", "-connect", $"127.0.0.1:{server.Port}", "-starttls", "smtp", "-crlf", option, "-CAfile", server.Certificate, "-verify_return_error");
        await client.StandardInput.WriteAsync("EHLO client.example\nquit\n");
        await client.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        var said = client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = client.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await EndedAsync(client);
        var text = await said + await errors;
        Assert.Contains($"New, {version}, Cipher is ", text, StringComparison.Ordinal);
        Assert.Contains("Verify return code: 0 (ok)", text, StringComparison.Ordinal);
        Assert.Contains("250 REQUIRETLS", text.Replace("250-REQUIRETLS", "250 REQUIRETLS", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("221 2.0.0", text, StringComparison.Ordinal);
    }

    private static async Task EndedAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string Text(JsonElement one, string name) => one.GetProperty(name).GetString()!;

    private static string? Text(XElement one, string name) => one.Attribute(name)?.Value;
}
