using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Commands;
using Postrider.Configuration;
using Postrider.Control;
using Postrider.Delivery.Terminals;
using Postrider.Hosting;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.Reception;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Transport.Tls;

namespace Postrider.Serving;

/// <summary>The server from its start to its stop: the host, what it prints, and how it ends.</summary>
internal static class ServerProgram
{
    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(PostriderConfiguration configuration)
    {
        if (!ControlSocket.CanBeIn(configuration.Mail.DataFolder))
            throw new CommandException(ExitCode.Configuration, $"{Path.GetFullPath(configuration.Mail.DataFolder)}: the path is too long for the control socket in it; give a data folder with a shorter one.");

        // Before anything makes a context of TLS.
        OpenSslBuffers.ReleaseWhileIdle();
        var isTerminal = !Console.IsOutputRedirected;
        await using var writer = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 16 * 1024) { AutoFlush = false };
        await using var lines = new ConsoleLines(writer, TimeProvider.System, isTerminal, configuration.Mail.Sandbox is null ? static _ => true : SandboxLines.IsShown);
        try
        {
            await using var app = Build(configuration, lines, new RecoveryProgress(Console.Out, isTerminal, TimeProvider.System));
            if (await StartAsync(app))
                Greeting.Print(isTerminal, configuration, app.Services.GetRequiredService<SmtpServerHost>().Listening);
            await app.WaitForShutdownAsync();
            return ExitCode.Ok;
        }
        catch (IOException e)
        {
            // A data folder in use, an address that cannot be had, a disk: the message says which and why.
            throw new CommandException(ExitCode.Unavailable, e.Message, e);
        }
    }

    // False where a signal came before all of it ran; what runs by then still has to be stopped.
    private static async Task<bool> StartAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
            return true;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private static WebApplication Build(PostriderConfiguration configuration, ConsoleLines lines, IProgress<SpoolProgress> recovery)
    {
        // The folder it was called from is the user's: nothing in it is looked at as content.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddProvider(lines).AddFilter("Microsoft", LogLevel.Warning);
        var services = builder.Services;
        services.AddSingleton<IHostLifetime, SignalLifetime>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = configuration.Server.Limits.StopTimeout + TimeSpan.FromSeconds(15));
        services.AddSingleton(recovery);
        services.AddSingleton(Options.Create(configuration.Mail));
        services.AddSingleton(Options.Create(configuration.Server));
        services.AddMailQueue();
        services.AddHostedService(_ => new ControlSocketFile(configuration.Mail.DataFolder));
        services.AddSmtpServer();
        if (configuration.File is not null)
            services.AddSingleton(configuration).AddSingleton(configuration.From).AddSingleton<PeopleWatch>().AddHostedService(static provider => provider.GetRequiredService<PeopleWatch>()).AddHostedService<ReloadOnSignal>();
        services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.ListenUnixSocket(ControlSocket.PathIn(configuration.Mail.DataFolder), static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.AddServerHeader = false;
        });
        var app = builder.Build();
        app.UseRouting();
        ControlEndpoints.Map(app, new QueueOperations(app.Services.GetRequiredService<MailQueue>(), app.Services.GetRequiredService<MailQueueHost>().Reopen, TimeProvider.System));
        FetchEndpoint.Map(app, app.Services.GetRequiredService<TurnedFetch>(), app.Lifetime.ApplicationStopping);
        TerminalEndpoint.Map(app, app.Services.GetRequiredService<UserTerminals>(), app.Lifetime.ApplicationStopping);
        return app;
    }
}
