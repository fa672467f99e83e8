using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Configuration;

namespace Postrider.Serving;

/// <summary>SIGHUP reads the configuration file again. One with a mistake changes nothing, and each mistake is logged.</summary>
internal sealed partial class ReloadOnSignal(PostriderConfiguration.Sources sources, PeopleWatch people, ILogger<ReloadOnSignal> logger) : IHostedService, IDisposable
{
    private PosixSignalRegistration? registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => registration?.Dispose();

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        try
        {
            var configuration = PostriderConfiguration.Load(sources, Environment.GetEnvironmentVariables());
            foreach (var problem in configuration.Problems)
                LogProblem(problem);
            if (configuration.Problems.Count > 0)
            {
                LogKept(configuration.Problems.Count);
                return;
            }
            var later = people.Follow(configuration);
            LogReloaded(sources.File!);
            if (later.Count > 0)
                LogLater(string.Join(", ", later));
        }
        catch (IOException e)
        {
            LogProblem(e.Message);
            LogKept(1);
        }
    }

    [LoggerMessage(601, LogLevel.Information, "{File} is in force")]
    private partial void LogReloaded(string file);

    [LoggerMessage(602, LogLevel.Warning, "changed, and in force after a restart: {Names}")]
    private partial void LogLater(string names);

    [LoggerMessage(611, LogLevel.Error, "{Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(612, LogLevel.Error, "the configuration stays as it was: {Count} mistakes")]
    private partial void LogKept(int count);
}
