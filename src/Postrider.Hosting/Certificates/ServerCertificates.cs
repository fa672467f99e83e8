using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postrider.Transport.Tls;

namespace Postrider.Hosting.Certificates;

/// <summary>
/// The certificates in force. Their files are looked at every half minute and at a reload; one that has
/// changed counts for every handshake from then on, and one that cannot be read changes nothing.
/// </summary>
internal sealed partial class ServerCertificates(CurrentSettings settings, TimeProvider time, ILogger<ServerCertificates> logger) : IDisposable
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly Dictionary<CertificateFiles, Watched<TlsCertificate>> certificates = [];
    private Watched<ImmutableArray<X509Certificate2>>? authorities;
    private volatile Snapshot? current;
    private ITimer? timer;

    /// <summary>What a handshake works by; null where there is no certificate at present.</summary>
    /// <param name="asksForClientCertificate">Whether the client is asked for one.</param>
    public TlsServerSettings? For(bool asksForClientCertificate) => asksForClientCertificate ? current?.Asking : current?.Plain;

    /// <summary>Reads them, and looks at their files from then on.</summary>
    public void Start()
    {
        lock (gate)
            timer ??= time.CreateTimer(static self => ((ServerCertificates)self!).Refresh(), this, interval, interval);
        Refresh();
    }

    /// <summary>Reads what has changed, where they are in use.</summary>
    public void Refresh()
    {
        lock (gate)
        {
            if (timer is null)
                return;
            var files = settings.Value.Tls;
            if (files.AreOurOwn && !(certificates.TryGetValue(files.Certificates[0], out var own) && own.Value is { } mine && SandboxCertificate.HasTime(mine, time.GetUtcNow())))
                EnsureOurOwn(files.Certificates[0]);
            var now = new List<TlsCertificate>();
            foreach (var pair in files.Certificates)
            {
                if (!certificates.TryGetValue(pair, out var watched))
                    certificates[pair] = watched = new Watched<TlsCertificate>([pair.Certificate, pair.Key], () => CertificateReader.Read(pair));
                Look(watched, certificate => LogInForce(pair.Certificate, string.Join(", ", certificate.HostNames), certificate.NotAfter));
                if (watched.Value is { } certificate)
                {
                    now.Add(certificate);
                    WarnOfTime(pair, watched, certificate);
                }
            }
            if (authorities?.Files[0] != files.ClientAuthorities)
                authorities = files.ClientAuthorities is { } file ? new([file], () => CertificateReader.ReadAuthorities(file)) : null;
            if (authorities is not null)
                Look(authorities, static _ => { });
            ImmutableArray<X509Certificate2> trusted = authorities is { Value.IsDefaultOrEmpty: false } ? authorities.Value : [];
            if (now.Count == 0)
                current = null;
            else if (current is not { } before || !before.Plain.Certificates.SequenceEqual(now) || before.Asking.ClientAuthorities != trusted)
                current = new Snapshot([.. now], trusted);
        }
    }

    public void Dispose() => timer?.Dispose();

    private void EnsureOurOwn(CertificateFiles files)
    {
        try
        {
            SandboxCertificate.Ensure(files, time.GetUtcNow());
        }
        catch (IOException e)
        {
            LogKept(e.Message);
        }
    }

    private void Look<T>(Watched<T> watched, Action<T> changed)
    {
        try
        {
            if (watched.Look())
                changed(watched.Value!);
        }
        catch (IOException e)
        {
            // Said once, until it is something else that is wrong.
            if (watched.Problem != e.Message)
                LogKept(e.Message);
            watched.Problem = e.Message;
        }
    }

    private void WarnOfTime(CertificateFiles pair, Watched<TlsCertificate> watched, TlsCertificate certificate)
    {
        var now = time.GetUtcNow();
        if (watched.Warned + TimeSpan.FromDays(1) > now || CertificateTime.Problem(certificate, now) is not { } problem)
            return;
        watched.Warned = now;
        LogTime(pair.Certificate, problem);
    }

    private sealed class Snapshot(ImmutableArray<TlsCertificate> certificates, ImmutableArray<X509Certificate2> trusted)
    {
        public TlsServerSettings Plain { get; } = new(certificates);

        public TlsServerSettings Asking { get; } = new(certificates) { AsksForClientCertificate = true, ClientAuthorities = trusted };
    }

    // Files, and what was last read of them.
    private sealed class Watched<T>(string[] files, Func<T> read)
    {
        private readonly (DateTime, long)[] stamps = new (DateTime, long)[files.Length];
        private bool isRead;

        public string[] Files => files;

        public T? Value { get; private set; }

        public string? Problem { get; set; }

        public DateTimeOffset Warned { get; set; }

        // Reads them again where they have changed, or could not be read before; true where they were.
        public bool Look()
        {
            var seen = Array.ConvertAll(files, CertificateReader.StampOf);
            if (isRead && Problem is null && seen.AsSpan().SequenceEqual(stamps))
                return false;
            Value = read();
            seen.CopyTo(stamps, 0);
            isRead = true;
            Problem = null;
            return true;
        }
    }
}
