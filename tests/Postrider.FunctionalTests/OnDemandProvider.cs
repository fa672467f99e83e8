using System.Net;

namespace Postrider.FunctionalTests;

/// <summary>
/// A provider that keeps mail for branch.example until it is fetched on a connection that the branch opens: by the account
/// <c>branch</c>, which is for that alone and logs in by CRAM-MD5, or the account <c>office</c>, which has a password.
/// </summary>
internal sealed class OnDemandProvider : IAsyncDisposable
{
    /// <summary>The secret of <c>branch</c> and the password of <c>office</c>.</summary>
    public const string Secret = "tanstaaf on demand";

    private OnDemandProvider(ServerProcess server, IPEndPoint odmr, IPEndPoint submission) => (Server, Odmr, Submission) = (server, odmr, submission);

    /// <summary>The process, whose address takes mail.</summary>
    public ServerProcess Server { get; }

    /// <summary>Where it takes ATRN, and nothing else.</summary>
    public IPEndPoint Odmr { get; }

    /// <summary>Where it takes mail of accounts, and TURN.</summary>
    public IPEndPoint Submission { get; }

    /// <summary>Starts it, and waits until the accounts are in force.</summary>
    public static async Task<OnDemandProvider> StartAsync()
    {
        var (odmr, submission) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        var server = await ServerProcess.StartAsync($$"""
            {
              "hostname": "provider.example",
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
        foreach (var arguments in (string[][])[["branch", "--odmr"], ["office", "--sender", "*"]])
        {
            var added = await CommandRun.InAsync(Environment.CurrentDirectory, Secret + "\n", ["user", "add", .. arguments, "--config", server.ConfigurationFile!, "--data", server.Data]);
            Assert.Equal((0, ""), (added.ExitCode, added.Error));
        }
        await Eventually.TrueAsync(() => server.Output.Contains("2 accounts are in force", StringComparison.Ordinal), () => server.Output);
        return new OnDemandProvider(server, odmr, submission);
    }

    /// <summary>Takes a message and waits until it is known to go nowhere by itself.</summary>
    public async Task AcceptAsync(string to, byte[] content)
    {
        var before = Waiting;
        await RawSmtpClient.SendAsync(Server.EndPoint, to, content);
        await Eventually.TrueAsync(() => Waiting > before, () => Server.Output);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private int Waiting => Server.Output.Split(" waits until it is fetched").Length;
}
