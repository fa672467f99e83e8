using System.Diagnostics;
using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>OpenSSL and Python speak TLS with the server, 1.2 and 1.3, resume sessions and renegotiate.</summary>
public sealed class TlsTests
{
    private const string Script = """
        import smtplib, ssl, sys
        mode, port, newest, content = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.stdin.buffer.read()
        context = ssl.create_default_context(cafile=sys.argv[4])
        context.maximum_version = getattr(ssl.TLSVersion, newest)
        server = smtplib.SMTP_SSL('127.0.0.1', port, timeout=30, context=context) if mode == 'implicit' else smtplib.SMTP('127.0.0.1', port, timeout=30)
        with server:
            if mode == 'starttls':
                assert server.docmd('MAIL', 'FROM:<a@b.example>')[0] == 530
                server.starttls(context=context)
                assert 'starttls' not in server.esmtp_features
            assert server.sock.version() == newest.replace('_', '.'), server.sock.version()
            server.sendmail('sender@raw.example', ['b@example.net'], content, mail_options=['BODY=8BITMIME'])
        """;

    [Theory]
    [InlineData("starttls", "TLSv1_2", "ESMTPS (TLSv1.2 TLS_ECDHE_ECDSA_")]
    [InlineData("starttls", "TLSv1_3", "ESMTPS (TLSv1.3 TLS_")]
    [InlineData("implicit", "TLSv1_2", "ESMTPS (TLSv1.2 TLS_ECDHE_ECDSA_")]
    [InlineData("implicit", "TLSv1_3", "ESMTPS (TLSv1.3 TLS_")]
    public async Task Python_sends_and_verifies_the_certificate(string mode, string version, string with)
    {
        var python = ExternalProgram.Require("python3");
        await using var server = await TlsSandbox.StartAsync(mode == "implicit" ? "implicit" : "required");
        await python.RunAsync(
            SampleContent.EightBit,
            "-c", Script, mode, server.Port, version, server.Certificate);
        var file = await Maildir.ReadOneAsync(server.Process.Mailbox("b@example.net"));
        SampleContent.AssertUnchanged(SampleContent.EightBit, file);
        Assert.Contains(with, Encoding.Latin1.GetString(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task OpenSSL_resumes_a_session(string version)
    {
        var openssl = ExternalProgram.Require("openssl");
        using var folder = new TemporaryFolder("session");
        var session = Path.Combine(folder.Path, "session.pem");
        await using var server = await TlsSandbox.StartAsync("implicit");
        string[] connect = ["s_client", "-connect", $"127.0.0.1:{server.Port}", "-crlf", version, "-CAfile", server.Certificate];
        var first = await TalkAsync(openssl, [.. connect, "-sess_out", session]);
        Assert.Contains("New, TLSv1", first, StringComparison.Ordinal);
        Assert.Contains("Verify return code: 0 (ok)", first, StringComparison.Ordinal);
        Assert.Contains("Reused, TLSv1", await TalkAsync(openssl, [.. connect, "-sess_in", session]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renegotiation_is_refused_and_the_server_goes_on()
    {
        var openssl = ExternalProgram.Require("openssl");
        await using var server = await TlsSandbox.StartAsync("implicit");
        using (var client = openssl.Start("s_client", "-connect", $"127.0.0.1:{server.Port}", "-crlf", "-tls1_2"))
        {
            await ReadUntilAsync(client.StandardOutput, "220 ");
            await client.StandardInput.WriteAsync("R\n");
            await client.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.Contains("221 2.0.0", await TalkAsync(openssl, ["s_client", "-connect", $"127.0.0.1:{server.Port}", "-crlf", "-tls1_2"]), StringComparison.Ordinal);
        Assert.DoesNotContain("cut off", server.Process.Output, StringComparison.Ordinal);
    }

    // Says QUIT once the server has spoken under TLS, and gives all that was written.
    private static async Task<string> TalkAsync(ExternalProgram openssl, string[] arguments)
    {
        using var client = openssl.Start(arguments);
        var errors = client.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await ReadUntilAsync(client.StandardOutput, "220 ");
        // In capitals the Q would be a command to s_client.
        await client.StandardInput.WriteAsync("quit\n");
        await client.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        said += await client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        return said + await errors;
    }

    private static async Task<string> ReadUntilAsync(StreamReader reader, string start)
    {
        var said = new StringBuilder();
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            said.AppendLine(line);
            if (line.StartsWith(start, StringComparison.Ordinal))
                return said.ToString();
        }
        Assert.Fail($"\"{start}\" was not said:\n{said}");
        return "";
    }
}
