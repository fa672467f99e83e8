using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Hosting;
using Postrider.Hosting.Reception;
using Postrider.Queue.Spool;
using Postrider.Serving;

namespace Postrider.Bench;

/// <summary>The server as the program runs it, log lines and all, over a spool that drops everything.</summary>
internal static class NullSpoolServer
{
    public static async Task RunAsync(IPEndPoint listen, CancellationToken interrupted)
    {
        var folder = Directory.CreateTempSubdirectory("postrider-null-");
        try
        {
            await using var writer = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 16 * 1024) { AutoFlush = false };
            await using var lines = new ConsoleLines(writer, TimeProvider.System, isTerminal: false, static _ => true);
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Logging.AddProvider(lines);
            builder.Services.AddSingleton<ISpool, NullSpool>();
            builder.Services.AddMailQueue(mail =>
            {
                mail.DataFolder = folder.FullName;
                mail.Smarthost.To.Add("127.0.0.1:9");
            });
            builder.Services.AddSmtpServer(server => server.Listeners.Add(new ListenerOptions { Address = listen.Address.ToString(), Port = listen.Port }));
            using var host = builder.Build();
            await host.StartAsync(interrupted);
            await host.WaitForShutdownAsync(interrupted);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
