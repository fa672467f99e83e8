using System.Diagnostics;
using System.Net;
using System.Text;

namespace Postrider.FunctionalTests.Interop;

/// <summary>A mail server of another kind, run by one of the scripts in bench/peers, or smtp-sink.</summary>
public sealed class PeerServer : IAsyncDisposable
{
    private readonly TemporaryFolder folder;
    private readonly Process process;
    private readonly StringBuilder output = new();

    private PeerServer(TemporaryFolder folder, Process process, IPEndPoint endPoint)
    {
        this.folder = folder;
        this.process = process;
        EndPoint = endPoint;
        process.OutputDataReceived += Note;
        process.ErrorDataReceived += Note;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Where it takes mail.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The Maildir to which it delivers, or the folder into which smtp-sink writes.</summary>
    public string Box => Path.Combine(folder.Path, "box");

    /// <summary>Starts a Postfix that delivers all mail to one Maildir.</summary>
    public static Task<PeerServer> PostfixMaildirAsync() => PostfixAsync("maildir");

    /// <summary>Starts a Postfix that passes all mail on.</summary>
    /// <param name="target">Where to, on loopback.</param>
    public static Task<PeerServer> PostfixRelayAsync(IPEndPoint target) => PostfixAsync("relay", $"{target.Port}");

    /// <summary>Starts a Postfix that passes all mail on and says by XFORWARD whom it came from.</summary>
    /// <param name="target">Where to, on loopback.</param>
    public static Task<PeerServer> PostfixXForwardAsync(IPEndPoint target) => PostfixAsync("xforward", $"{target.Port}");

    /// <summary>Starts a Postfix that keeps mail for branch.example until ETRN asks for it.</summary>
    /// <param name="target">Where the mail goes then, on loopback.</param>
    public static Task<PeerServer> PostfixEtrnAsync(IPEndPoint target) => PostfixAsync("etrn", $"{target.Port}");

    /// <summary>What a Postfix has written into its log.</summary>
    public string PostfixLog => File.ReadAllText(Path.Combine(folder.Path, "mail.log"));

    /// <summary>Starts a Postfix that takes mail from its one user, by TLS, and delivers it to one Maildir.</summary>
    /// <param name="mechanisms">The mechanisms that it offers, with spaces between.</param>
    public static Task<PeerServer> PostfixSubmissionAsync(string mechanisms)
    {
        _ = ExternalProgram.Require("openssl");
        _ = ExternalProgram.Require("saslpasswd2");
        return PostfixAsync("submission", mechanisms);
    }

    /// <summary>Starts an OpenSMTPD that delivers all mail to one Maildir.</summary>
    public static Task<PeerServer> OpenSmtpdMaildirAsync() => OpenSmtpdAsync("maildir");

    /// <summary>
    /// Starts an OpenSMTPD that offers STARTTLS, at which it fails, and delivers to one Maildir. Skipped where it is not the
    /// one of Debian 12, which is known for that (https://github.com/OpenSMTPD/OpenSMTPD/issues/1171).
    /// </summary>
    public static async Task<PeerServer> OpenSmtpdBrokenTlsAsync()
    {
        _ = ExternalProgram.Require("openssl");
        var peer = await OpenSmtpdAsync("maildir-tls");
        if (peer.Output.Contains("OpenSMTPD 6.8.0p2", StringComparison.Ordinal))
            return peer;
        await peer.DisposeAsync();
        Assert.Skip("This OpenSMTPD may well get on with OpenSSL 3.");
        return peer;
    }

    /// <summary>Starts an OpenSMTPD that passes all mail on under TLS, whatever the certificate.</summary>
    /// <param name="url">Where to: <c>smtp+tls://127.0.0.1:PORT</c> by STARTTLS, <c>smtps://</c> with TLS from the first octet.</param>
    public static Task<PeerServer> OpenSmtpdRelayAsync(string url) => OpenSmtpdAsync("relay", url);

    private static Task<PeerServer> OpenSmtpdAsync(params string[] mode)
    {
        if (!File.Exists(Path.Combine(ServerProcess.Repository, "artifacts/interop/opensmtpd/usr/sbin/smtpd")))
            Assert.Skip("OpenSMTPD is not unpacked; .ci/install does it, from Debian's package.");
        return ScriptAsync("opensmtpd", mode);
    }

    /// <summary>Starts an Exim that passes all mail on.</summary>
    /// <param name="target">Where to, on loopback.</param>
    public static Task<PeerServer> EximRelayAsync(IPEndPoint target) => EximAsync("relay", $"{target.Port}");

    /// <summary>Starts an Exim that keeps mail for branch.example until ETRN asks for it.</summary>
    /// <param name="target">Where the mail goes then, on loopback.</param>
    public static Task<PeerServer> EximEtrnAsync(IPEndPoint target) => EximAsync("etrn", $"{target.Port}");

    /// <summary>Starts an Exim that delivers all mail to one Maildir.</summary>
    public static Task<PeerServer> EximMaildirAsync() => EximAsync("maildir");

    private static Task<PeerServer> EximAsync(params string[] mode)
    {
        if (!File.Exists(Path.Combine(ServerProcess.Repository, "artifacts/interop/exim/usr/sbin/exim4")))
            Assert.Skip("Exim is not unpacked; .ci/install does it, from Debian's package.");
        return ScriptAsync("exim", mode);
    }

    /// <summary>What an Exim has written into its main log.</summary>
    public string EximLog => File.ReadAllText(Path.Combine(folder.Path, "log", "mainlog"));

    /// <summary>Starts Postfix's smtp-sink, which writes each message to a file of its own.</summary>
    public static Task<PeerServer> SmtpSinkAsync()
    {
        var program = ExternalProgram.Require("smtp-sink");
        var own = new TemporaryFolder("sink");
        var endPoint = ServerProcess.FreePort();
        var box = Directory.CreateDirectory(Path.Combine(own.Path, "box", "new")).FullName;
        string[] account = [];
        if (Environment.IsPrivilegedProcess && OperatingSystem.IsLinux())
        {
            // It insists on giving up root, and then writes as nobody.
            account = ["-u", "nobody"];
            own.Open();
            File.SetUnixFileMode(box, (UnixFileMode)0b111_111_111);
        }
        return ReadyAsync(new PeerServer(own, program.Start([.. account, "-d", box + "/%s.", endPoint.ToString(), "100"]), endPoint));
    }

    /// <summary>The certificate of a server that has one, its own authority.</summary>
    public string Certificate => Path.Combine(folder.Path, "certificate.pem");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            _ = ServerProcess.SendSignal(process.Id, ServerProcess.SigTerm);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        process.Dispose();
        folder.Dispose();
    }

    private static Task<PeerServer> PostfixAsync(params string[] mode)
    {
        _ = ExternalProgram.Require("postfix");
        return ScriptAsync("postfix", mode);
    }

    private static Task<PeerServer> ScriptAsync(string name, params string[] mode)
    {
        var shell = ExternalProgram.Require("bash");
        ExternalProgram.RequireRoot($"{name} runs its parts under accounts of their own");
        var own = new TemporaryFolder(name);
        own.Open();
        var endPoint = ServerProcess.FreePort();
        var script = Path.Combine(ServerProcess.Repository, "bench", "peers", name);
        return ReadyAsync(new PeerServer(own, shell.Start([script, own.Path, $"{endPoint.Port}", .. mode]), endPoint));
    }

    private static async Task<PeerServer> ReadyAsync(PeerServer peer)
    {
        try
        {
            await Eventually.TrueAsync(() => RawSmtpClient.GreetsAsync(peer.EndPoint), () => $"the peer does not greet; it wrote:\n{peer.Output}");
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    private string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (output)
            output.AppendLine(line.Data);
    }
}
