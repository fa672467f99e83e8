using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postrider.Hosting.Certificates;

/// <summary>Checks what is said of TLS, down to the files, and freezes it.</summary>
/// <param name="report">Takes each mistake: the path and what is wrong.</param>
/// <param name="warn">Takes what is no mistake and should be known.</param>
/// <param name="time">The clock.</param>
internal sealed class TlsOptionsCheck(Action<string, string> report, Action<string, string> warn, TimeProvider time)
{
    private static readonly (string Word, ListenerTls Tls)[] words =
        [("off", ListenerTls.Off), ("offered", ListenerTls.Offered), ("required", ListenerTls.Required), ("implicit", ListenerTls.Implicit)];

    /// <summary>Checks the files: they can be read, and belong together.</summary>
    /// <param name="options">What is said of them.</param>
    /// <param name="sandboxFolder">The data folder of a sandbox, or null.</param>
    public TlsFiles Freeze(TlsOptions options, string? sandboxFolder)
    {
        var files = ImmutableArray.CreateBuilder<CertificateFiles>(options.Certificates.Count);
        for (var i = 0; i < options.Certificates.Count; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"tls.certificates[{i}]");
            var given = options.Certificates[i];
            if (given.Certificate.Length == 0)
            {
                report($"{path}.certificate", "is missing; give a PEM file with the certificate and its chain.");
                continue;
            }
            var pair = new CertificateFiles(Path.GetFullPath(given.Certificate), Path.GetFullPath(given.Key.Length == 0 ? given.Certificate : given.Key));
            if (files.Contains(pair))
                report(path, "is given twice; remove one of them.");
            else if (Try(path, () => CertificateReader.Read(pair), out var certificate))
            {
                files.Add(pair);
                if (CertificateTime.Problem(certificate, time.GetUtcNow()) is { } problem)
                    warn(path, $"{pair.Certificate} {problem}");
            }
        }
        var authorities = options.ClientAuthorities is { Length: > 0 } file ? Path.GetFullPath(file) : null;
        if (authorities is not null)
            Try("tls.clientAuthorities", () => CertificateReader.ReadAuthorities(authorities), out _);
        return options.Certificates.Count == 0 && sandboxFolder is not null
            ? new TlsFiles([SandboxCertificate.FilesIn(sandboxFolder)], authorities, AreOurOwn: true)
            : new TlsFiles(files.ToImmutable(), authorities, AreOurOwn: false);
    }

    /// <summary>What a listener does.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="given">
    /// The word, or null: STARTTLS is offered where a certificate was given. One of our own is not offered unasked:
    /// clients that take TLS wherever it is offered, and trust nobody they do not know, would send no mail.
    /// </param>
    /// <param name="isGiven">Whether a certificate was given.</param>
    /// <param name="isOurOwn">Whether the server makes one.</param>
    public ListenerTls Freeze(string path, string? given, bool isGiven, bool isOurOwn)
    {
        if (given is null)
            return isGiven ? ListenerTls.Offered : ListenerTls.Off;
        var found = Array.Find(words, word => word.Word == given);
        if (found.Word is null)
            report($"{path}.tls", $"\"{given}\" is none of the words for TLS; known: {string.Join(", ", words.Select(static word => word.Word))}.");
        else if (found.Tls != ListenerTls.Off && !isGiven && !isOurOwn)
            report($"{path}.tls", $"\"{given}\" needs a certificate; give one in tls.certificates.");
        return found.Tls;
    }

    private bool Try<T>(string path, Func<T> read, [MaybeNullWhen(false)] out T found)
    {
        try
        {
            found = read();
            return true;
        }
        catch (IOException e)
        {
            report(path, e.Message);
            found = default;
            return false;
        }
    }
}
