using System.Net;
using Postrider.Hosting.Accounts;
using Postrider.Queue.Disk;
using Postrider.Smtp.Sasl;

namespace Postrider.FunctionalTests;

/// <summary>
/// A provider that keeps mail for branch.example until it is fetched on a connection that the branch opens: by the account
/// <c>branch</c>, which is for that alone and logs in by CRAM-MD5, or the account <c>office</c>, which has a password.
/// </summary>
internal sealed class OnDemandProvider : IAsyncDisposable
{
    /// <summary>The secret of <c>branch</c> and the password of <c>office</c>.</summary>
    public const string Secret = "tanstaaf-whenever-9471";

    private readonly TemporaryFolder folder;

    private OnDemandProvider(TemporaryFolder folder, ServerProcess server, IPEndPoint odmr, IPEndPoint submission) =>
        (this.folder, Server, Odmr, Submission) = (folder, server, odmr, submission);

    /// <summary>The process, whose address takes mail.</summary>
    public ServerProcess Server { get; }

    /// <summary>Where it takes ATRN, and nothing else.</summary>
    public IPEndPoint Odmr { get; }

    /// <summary>Where it takes mail of accounts, and TURN.</summary>
    public IPEndPoint Submission { get; }

    /// <summary>Starts it.</summary>
    /// <param name="tls">More of its configuration: its certificates, or nothing.</param>
    public static async Task<OnDemandProvider> StartAsync(string tls = "")
    {
        var (odmr, submission) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        var files = new TemporaryFolder("accounts");
        var accounts = Path.Combine(files.Path, "accounts");
        AccountFile.Write(
            accounts,
            [
                new Account { Name = "branch", RelaySecret = Secret },
                new Account { Name = "office", Senders = ["*"], Password = ScramVerifier.Make(Secret, "0123456789abcdef"u8, ScramVerifier.LeastIterations) },
            ],
            new UnixDisk());
        var server = await ServerProcess.StartAsync($$"""
            {
              "hostname": "provider.example",
              {{tls}}
              "accounts": "{{accounts}}",
              "localDomains": [ "provider.example" ],
              "routes": { "branch.example": { "deliver": "on-demand" }, "other.example": { "deliver": "on-demand" } },
              "mayFetch": [
                { "domains": "branch.example", "accounts": [ "branch", "office" ] },
                { "domains": "other.example", "accounts": "other" },
              ],
              "listeners": [
                { "address": "127.0.0.1", "port": {{ServerProcess.PortMark}} },
                { "address": "127.0.0.1", "port": {{odmr.Port}}, "kind": "odmr", "cramMd5": true },
                { "address": "127.0.0.1", "port": {{submission.Port}}, "kind": "submission" },
              ],
            }
            """);
        return new OnDemandProvider(files, server, odmr, submission);
    }

    /// <summary>Takes a message and waits until it is known to go nowhere by itself.</summary>
    public async Task AcceptAsync(string to, byte[] content)
    {
        var before = Waiting;
        await RawSmtpClient.SendAsync(Server.EndPoint, to, content);
        await Eventually.TrueAsync(() => Waiting > before, () => Server.Output);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        folder.Dispose();
    }

    private int Waiting => Server.Output.Split(" waits until it is fetched").Length;
}
