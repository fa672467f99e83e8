using System.Net;
using Postrider.Transport.Tls;

namespace Postrider.Hosting.Certificates;

/// <summary>The certificate that a sandbox makes for itself, in its data folder: for this machine alone, and vouched for by nobody.</summary>
internal static class SandboxCertificate
{
    private static readonly TimeSpan validity = TimeSpan.FromDays(365);
    private static readonly TimeSpan renewal = TimeSpan.FromDays(30);

    /// <summary>Its files.</summary>
    public static CertificateFiles FilesIn(string dataFolder) =>
        new(Path.Combine(dataFolder, "tls", "sandbox.crt"), Path.Combine(dataFolder, "tls", "sandbox.key"));

    /// <summary>Makes it where there is none, or where its time is nearly over.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Ensure(CertificateFiles files, DateTimeOffset now)
    {
        if (IsGood(files, now))
            return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(files.Certificate)!);
            var (certificate, key) = SelfSigned.Make(["localhost"], [IPAddress.Loopback, IPAddress.IPv6Loopback], now.AddDays(-1), now + validity);
            // The key first: until the certificate follows, the two do not match, and the one in force stays.
            Write(files.Key, key);
            Write(files.Certificate, certificate);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{files.Certificate}: this user may not write it.", e);
        }
    }

    /// <summary>Whether it need not be renewed yet.</summary>
    public static bool HasTime(TlsCertificate certificate, DateTimeOffset now) => certificate.NotAfter - now > renewal;

    private static bool IsGood(CertificateFiles files, DateTimeOffset now)
    {
        try
        {
            return HasTime(CertificateReader.Read(files), now);
        }
        catch (IOException)
        {
            // None yet, or half of one: another is made.
            return false;
        }
    }

    // Whole or not at all, and for this user alone.
    private static void Write(string path, string text)
    {
        var draft = path + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(draft, options))
            writer.Write(text);
        File.Move(draft, path, overwrite: true);
    }
}
