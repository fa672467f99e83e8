using System.Globalization;
using System.Net;

namespace Postrider.FunctionalTests.Interop;

/// <summary>A sandbox that does something about TLS at a port of its own, with the certificate that it makes.</summary>
internal sealed class TlsSandbox : IAsyncDisposable
{
    private TlsSandbox(ServerProcess process, IPEndPoint endPoint)
    {
        Process = process;
        Port = endPoint.Port.ToString(CultureInfo.InvariantCulture);
    }

    public ServerProcess Process { get; }

    public string Port { get; }

    public string Certificate => Path.Combine(Process.Data, "tls", "sandbox.crt");

    public static async Task<TlsSandbox> StartAsync(string tls)
    {
        var endPoint = ServerProcess.FreePort();
        var process = await ServerProcess.StartAsync($$"""
            {
              "sandbox": {},
              "listeners": [
                { "address": "127.0.0.1", "port": {{endPoint.Port}}, "tls": "{{tls}}" },
                { "address": "127.0.0.1", "port": {{ServerProcess.PortMark}} }
              ]
            }
            """);
        return new TlsSandbox(process, endPoint);
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
