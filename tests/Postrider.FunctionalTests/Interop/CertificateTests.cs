using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>Certificates of the program end to end: those of clients, and its own when they are replaced.</summary>
public sealed class CertificateTests
{
    private const string Login = """
        import smtplib, ssl, sys
        port, folder, client, content = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.stdin.buffer.read()
        context = ssl.create_default_context(cafile=folder + '/authority.crt')
        if client != 'none':
            context.load_cert_chain(folder + '/' + client + '.crt', folder + '/' + client + '.key')
        with smtplib.SMTP('127.0.0.1', port, timeout=30) as server:
            server.starttls(context=context)
            server.ehlo()
            print('offered', server.esmtp_features['auth'])
            code, text = server.docmd('AUTH', 'EXTERNAL =')
            print('said', code, text.decode())
            if code == 235:
                server.sendmail('app@example.net', ['b@example.net'], content)
        """;

    [Theory]
    [InlineData("trusted", true, 235)]
    [InlineData("stranger", true, 535)]
    [InlineData("foreign", false, 504)]
    [InlineData("none", false, 504)]
    public async Task A_client_certificate_is_who_the_client_is(string client, bool isOffered, int code)
    {
        var python = ExternalProgram.Require("python3");
        using var folder = new TemporaryFolder("certificates");
        var submission = ServerProcess.FreePort();
        await using var server = await StartAsync(folder, submission);

        var said = await python.RunAsync(SampleContent.EightBit, "-c", Login, submission.Port.ToString(CultureInfo.InvariantCulture), folder.Path, client);
        Assert.Equal(isOffered, said.Split('\n')[0].Contains("EXTERNAL", StringComparison.Ordinal));
        Assert.Contains($"said {code.ToString(CultureInfo.InvariantCulture)} ", said, StringComparison.Ordinal);
        if (code == 235)
            Assert.Contains("with ESMTPSA", Encoding.Latin1.GetString(await Maildir.ReadOneAsync(server.Mailbox("b@example.net"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Msmtp_logs_in_by_its_certificate()
    {
        var msmtp = ExternalProgram.Require("msmtp");
        using var folder = new TemporaryFolder("certificates");
        var submission = ServerProcess.FreePort();
        await using var server = await StartAsync(folder, submission);
        string[] Arguments(string client) =>
        [
            "--file=/dev/null", "--host=localhost", $"--port={submission.Port}", "--tls=on", $"--tls-trust-file={folder.Path}/authority.crt",
            $"--tls-cert-file={folder.Path}/{client}.crt", $"--tls-key-file={folder.Path}/{client}.key", "--auth=external", "--user=app", "--from=app@example.net", "--", "b@example.net",
        ];

        await msmtp.RunAsync(SampleContent.EightBit, Arguments("trusted"));
        Assert.Contains("with ESMTPSA", Encoding.Latin1.GetString(await Maildir.ReadOneAsync(server.Mailbox("b@example.net"))), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => msmtp.RunAsync(SampleContent.EightBit, Arguments("stranger")));
    }

    // A server whose account app is logged in by a certificate of its authority; folder has that of a stranger and of somebody else's authority too.
    private static async Task<ServerProcess> StartAsync(TemporaryFolder folder, IPEndPoint submission)
    {
        using var authority = new Authority("Postrider Test");
        using var other = new Authority("Somebody Else");
        authority.WriteTo(folder.Path, "authority");
        authority.Issue("localhost").WriteTo(folder.Path, "server");
        var trusted = authority.Issue("app.example.net");
        trusted.WriteTo(folder.Path, "trusted");
        authority.Issue("stranger.example.net").WriteTo(folder.Path, "stranger");
        other.Issue("app.example.net").WriteTo(folder.Path, "foreign");
        var server = await ServerProcess.StartAsync($$"""
            {
              "localDomains": [ "example.net" ],
              "tls": {
                "certificates": [ { "certificate": "{{folder.Path}}/server.crt", "key": "{{folder.Path}}/server.key" } ],
                "clientAuthorities": "{{folder.Path}}/authority.crt"
              },
              "listeners": [
                { "address": "127.0.0.1", "port": {{submission.Port}}, "kind": "submission", "tls": "required", "clientCertificates": "asked" },
                { "address": "127.0.0.1", "port": {{ServerProcess.PortMark}}, "tls": "off" }
              ]
            }
            """);
        var added = await CommandRun.OfAsync("user", "add", "app", "--no-password", "--sender", "@example.net", "--certificate", trusted.Fingerprint, "--data", server.Data);
        Assert.Equal(0, added.ExitCode);
        await Eventually.TrueAsync(() => server.Output.Contains("1 accounts are in force", StringComparison.Ordinal), () => server.Output);
        return server;
    }

    [Fact]
    public async Task A_new_certificate_counts_from_SIGHUP_on_and_open_sessions_go_on()
    {
        using var folder = new TemporaryFolder("certificates");
        using var authority = new Authority("Postrider Test");
        var first = authority.Issue("localhost");
        first.WriteTo(folder.Path, "server");
        await using var server = await ServerProcess.StartAsync($$"""
            {
              "localDomains": [ "example.net" ],
              "tls": { "certificates": [ { "certificate": "{{folder.Path}}/server.crt", "key": "{{folder.Path}}/server.key" } ] },
              "listeners": [ { "address": "127.0.0.1", "port": {{ServerProcess.PortMark}} } ]
            }
            """);
        using var open = await SecureSession.StartAsync(server.EndPoint);
        Assert.Equal(first.Fingerprint, open.Fingerprint);
        await open.SayAsync("MAIL FROM:<a@example.org>", "250");

        var second = authority.Issue("localhost");
        second.WriteTo(folder.Path, "server");
        server.Reload();
        await Eventually.FoundAsync(() => server.Output.Split("server.crt is in force").Length == 3 ? "" : null, () => server.Output);
        using (var later = await SecureSession.StartAsync(server.EndPoint))
            Assert.Equal(second.Fingerprint, later.Fingerprint);

        await open.SayAsync("RCPT TO:<b@example.net>", "250");
        await open.SayAsync("DATA", "354");
        await open.SayAsync("Subject: kept\r\n\r\n.", "250");
        await new Mailboxes(server).ExpectAsync("b", "example.net");
    }

    /// <summary>A session under TLS by STARTTLS, which takes any certificate and remembers it.</summary>
    private sealed class SecureSession : IDisposable
    {
        private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private Stream stream = Stream.Null;

        public string Fingerprint { get; private set; } = "";

        public static async Task<SecureSession> StartAsync(IPEndPoint server)
        {
            var session = new SecureSession();
            await session.socket.ConnectAsync(server);
            session.stream = new NetworkStream(session.socket);
            await session.HearAsync("220");
            await session.SayAsync("STARTTLS", "220");
            var secure = new SslStream(session.stream);
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    session.Fingerprint = certificate?.GetCertHashString(HashAlgorithmName.SHA256) ?? "";
                    return session.Fingerprint.Length > 0;
                },
            });
            session.stream = secure;
            await session.SayAsync("EHLO client.example", "250");
            return session;
        }

        public async Task SayAsync(string line, string code)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), TestContext.Current.CancellationToken);
            await HearAsync(code);
        }

        public void Dispose()
        {
            stream.Dispose();
            socket.Dispose();
        }

        private async Task HearAsync(string code)
        {
            var buffer = new byte[4096];
            var text = "";
            while (!text.EndsWith('\n') || text.TrimEnd().Split('\n')[^1] is not { Length: > 3 } last || last[3] == '-')
            {
                var length = await stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
                Assert.NotEqual(0, length);
                text += Encoding.ASCII.GetString(buffer, 0, length);
            }
            Assert.StartsWith(code, text, StringComparison.Ordinal);
        }
    }

    /// <summary>An authority for one test.</summary>
    private sealed class Authority : IDisposable
    {
        private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        private readonly X509Certificate2 certificate;

        public Authority(string name)
        {
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
            certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(7));
        }

        private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

        public void WriteTo(string folder, string name) => File.WriteAllText(Path.Combine(folder, name + ".crt"), certificate.ExportCertificatePem());

        public Issued Issue(string host)
        {
            using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest($"CN={host}", own, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(host);
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
            using var issued = request.Create(certificate, Now.AddDays(-1), Now.AddDays(6), RandomNumberGenerator.GetBytes(8));
            return new Issued(issued.ExportCertificatePem(), own.ExportPkcs8PrivateKeyPem(), issued.GetCertHashString(HashAlgorithmName.SHA256));
        }

        public void Dispose()
        {
            certificate.Dispose();
            key.Dispose();
        }
    }

    private sealed record Issued(string Certificate, string Key, string Fingerprint)
    {
        public void WriteTo(string folder, string name)
        {
            File.WriteAllText(Path.Combine(folder, name + ".key"), Key);
            File.WriteAllText(Path.Combine(folder, name + ".crt"), Certificate);
        }
    }
}
