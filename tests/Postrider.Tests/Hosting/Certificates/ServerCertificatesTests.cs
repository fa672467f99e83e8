using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postrider.Hosting;
using Postrider.Hosting.Certificates;
using Postrider.Hosting.Reception;
using Postrider.Testing.Timing;
using Postrider.Tests.Transport.Tls;

namespace Postrider.Tests.Hosting.Certificates;

public sealed class ServerCertificatesTests : IDisposable
{
    private static readonly TestAuthority authority = new();

    private readonly string folder = Directory.CreateTempSubdirectory("certificates").FullName;
    private readonly ManualTime time = new(TestAuthority.Now);
    private readonly Lines log = new();

    private string CertificateFile => Path.Combine(folder, "mail.crt");

    private string KeyFile => Path.Combine(folder, "mail.key");

    [Fact]
    public void A_certificate_that_changes_counts_within_half_a_minute()
    {
        Write("mail.example.org");
        using var certificates = Start();
        var before = certificates.For(false)!;
        Assert.Equal(["mail.example.org"], before.Certificates.Single().HostNames);
        Assert.True(certificates.For(true)!.AsksForClientCertificate);

        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Same(before, certificates.For(false));
        Write("renewed.example.org");
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["renewed.example.org"], certificates.For(false)!.Certificates.Single().HostNames);
        Assert.Contains(log.All, line => line.Contains("renewed.example.org", StringComparison.Ordinal));
    }

    [Fact]
    public void One_that_cannot_be_read_changes_nothing_and_is_named_once()
    {
        Write("mail.example.org");
        using var certificates = Start();
        var before = certificates.For(false);
        File.WriteAllText(KeyFile, "not a key");
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Same(before, certificates.For(false));
        Assert.Single(log.All, line => line.Contains(KeyFile, StringComparison.Ordinal) && line.Contains("There is no private key in it", StringComparison.Ordinal));
        File.Delete(CertificateFile);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Same(before, certificates.For(false));
        Assert.Single(log.All, line => line.Contains("there is no such file", StringComparison.Ordinal));
        Write("mail.example.org", "late.example.org");
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(["mail.example.org", "late.example.org"], certificates.For(false)!.Certificates.Single().HostNames);
    }

    [Theory]
    [InlineData(0, "expires at 2")]
    [InlineData(40, "expired at 2")]
    [InlineData(-40, "is not valid before 2")]
    public void Its_time_is_warned_of_once_a_day(int days, string warning)
    {
        Write("mail.example.org");
        var clock = new ManualTime(TestAuthority.Now.AddDays(days));
        using var certificates = Start(sandbox: false, clock);
        clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(2, log.All.Count(line => line.Contains($"{CertificateFile} {warning}", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_sandbox_makes_its_own_and_renews_it_in_time()
    {
        using var certificates = Start(sandbox: true);
        var made = certificates.For(false)!.Certificates.Single();
        Assert.Equal(["localhost"], made.HostNames);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "tls", "sandbox.key")));
        using (var again = Start(sandbox: true))
            Assert.Equal(made.NotAfter, again.For(false)!.Certificates.Single().NotAfter);
        using var later = Start(sandbox: true, new ManualTime(TestAuthority.Now.AddDays(334)));
        Assert.Equal(made.NotAfter, later.For(false)!.Certificates.Single().NotAfter);
        using var nearTheEnd = Start(sandbox: true, new ManualTime(TestAuthority.Now.AddDays(336)));
        Assert.True(nearTheEnd.For(false)!.Certificates.Single().NotAfter > made.NotAfter);
    }

    [Theory]
    [InlineData(null, "Offered")]
    [InlineData("off", "Off")]
    [InlineData("required", "Required")]
    [InlineData("implicit", "Implicit")]
    public void A_listener_offers_TLS_where_a_certificate_is_given(string? word, string expected)
    {
        Write("mail.example.org");
        var settings = Freeze(Options(false, word))!;
        Assert.Equal(expected, settings.Listeners.Single().Tls.ToString());
        var session = settings.SessionFor(settings.Listeners.Single());
        Assert.Equal(expected is "Offered" or "Required", session.Extensions.Offered.Any(extension => extension.Keyword == "STARTTLS"));
        Assert.Equal(expected == "Required", session.RequiresTls);
    }

    [Fact]
    public void A_sandbox_offers_its_own_certificate_only_where_that_is_asked_for()
    {
        Assert.Equal(ListenerTls.Off, Freeze(Options(true, null))!.Listeners.Single().Tls);
        Assert.Equal(ListenerTls.Offered, Freeze(Options(true, "offered"))!.Listeners.Single().Tls);
    }

    [Fact]
    public void What_is_wrong_is_said_with_its_place()
    {
        Assert.Equal(["listeners[0].tls: \"offered\" needs a certificate; give one in tls.certificates."], Mistakes(new TlsOptions(), "offered"));
        Assert.Equal([$"listeners[0].tls: \"yes\" is none of the words for TLS; known: off, offered, required, implicit."], Mistakes(new TlsOptions(), "yes"));
        var missing = new TlsOptions { Certificates = [new CertificateOptions { Certificate = CertificateFile }] };
        Assert.Equal([$"tls.certificates[0]: {CertificateFile}: there is no such file."], Mistakes(missing, null));
        var nothing = new TlsOptions { Certificates = [new CertificateOptions()] };
        Assert.Equal(["tls.certificates[0].certificate: is missing; give a PEM file with the certificate and its chain."], Mistakes(nothing, null));
        Write("mail.example.org");
        var soon = new MailServerOptionsCheck();
        Assert.NotNull(soon.Freeze(Options(false, null).Mail, Options(false, null).Server));
        Assert.StartsWith($"tls.certificates[0]: {CertificateFile} expires at ", soon.Warnings.Single().ToString(), StringComparison.Ordinal);
        var noAuthorities = new TlsOptions { ClientAuthorities = KeyFile };
        Assert.StartsWith($"tls.clientAuthorities: {KeyFile}: there is no certificate in it", Mistakes(noAuthorities, null).Single(), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private void Write(params string[] names)
    {
        var (certificate, key) = authority.IssuePem(TestAuthority.Now.AddDays(2), names);
        File.WriteAllText(KeyFile, key);
        File.WriteAllText(CertificateFile, certificate);
        // The clock of the files is coarser than this test.
        File.SetLastWriteTimeUtc(CertificateFile, time.GetUtcNow().UtcDateTime);
    }

    private ServerCertificates Start(bool sandbox = false, ManualTime? clock = null)
    {
        var certificates = new ServerCertificates(new CurrentSettings(Freeze(Options(sandbox, "offered"))!), clock ?? time, log);
        certificates.Start();
        return certificates;
    }

    private (MailServerOptions Mail, SmtpServerOptions Server) Options(bool sandbox, string? tls) => (
        new MailServerOptions { Hostname = "mx.example.org", DataFolder = folder, Sandbox = sandbox ? new SandboxOptions() : null, LocalDomains = sandbox ? [] : ["example.org"] },
        new SmtpServerOptions
        {
            Listeners = [new ListenerOptions { Address = "127.0.0.1", Tls = tls }],
            Tls = sandbox ? new TlsOptions() : new TlsOptions { Certificates = [new CertificateOptions { Certificate = CertificateFile, Key = KeyFile }] },
        });

    private static MailServerSettings? Freeze((MailServerOptions Mail, SmtpServerOptions Server) options) => new MailServerOptionsCheck().Freeze(options.Mail, options.Server);

    private string[] Mistakes(TlsOptions tls, string? word)
    {
        var (mail, server) = Options(false, word);
        server.Tls = tls;
        var check = new MailServerOptionsCheck();
        Assert.Null(check.Freeze(mail, server));
        return [.. check.Mistakes.Select(static mistake => mistake.ToString())];
    }

    private sealed class Lines : ILogger<ServerCertificates>
    {
        public ConcurrentQueue<string> All { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue(formatter(state, exception));
    }
}
