using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postrider.Transport.Tls;

namespace Postrider.Hosting.Certificates;

/// <summary>Reads PEM files. What is wrong comes out as IOException, whose message names the file and says why.</summary>
internal static class CertificateReader
{
    /// <summary>Reads a certificate with its key.</summary>
    /// <exception cref="IOException">A file cannot be read, or is not right.</exception>
    public static TlsCertificate Read(CertificateFiles files)
    {
        var (certificate, key) = (ReadText(files.Certificate), ReadText(files.Key));
        try
        {
            return TlsCertificate.FromPem(certificate, key);
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{(files.Key == files.Certificate ? files.Certificate : $"{files.Certificate} with {files.Key}")}: {e.Message}", e);
        }
    }

    /// <summary>Reads the certificates of authorities.</summary>
    /// <exception cref="IOException">The file cannot be read, or holds none.</exception>
    public static ImmutableArray<X509Certificate2> ReadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(ReadText(file));
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{file}: a certificate in it cannot be read: {e.Message}", e);
        }
        return authorities.Count > 0 ? [.. authorities] : throw new IOException($"{file}: there is no certificate in it: PEM begins with -----BEGIN CERTIFICATE-----.");
    }

    /// <summary>What changes when a file does; default where there is none.</summary>
    public static (DateTime Written, long Length) StampOf(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"{file}: there is no such file.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{file}: this user may not read it.", e);
        }
        catch (IOException e)
        {
            throw new IOException($"{file}: {e.Message}", e);
        }
    }
}
