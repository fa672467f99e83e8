using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Postrider.Configuration;
using Postrider.Hosting;

namespace Postrider.Serving;

/// <summary>
/// Looks at the files of users, aliases and lists every few seconds and reads them again when one has changed. With a
/// mistake in them everybody stays who was here, and each mistake is logged.
/// </summary>
internal sealed partial class PeopleWatch(PostriderConfiguration configuration, SettingsReload reload, TimeProvider time, ILogger<PeopleWatch> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private PostriderConfiguration current = configuration;
    private ITimer? timer;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        timer = time.CreateTimer(static watch => ((PeopleWatch)watch!).Look(), this, interval, interval);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Puts another configuration in force, whose files are watched from now on.</summary>
    /// <returns>What <see cref="SettingsReload.Apply"/> says.</returns>
    public IReadOnlyList<string> Follow(PostriderConfiguration next)
    {
        lock (gate)
        {
            var later = reload.Apply(next.Mail, next.Server);
            current = next;
            return later;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => timer?.Dispose();

    private void Look()
    {
        lock (gate)
        {
            if (!current.People.HaveChanged())
                return;
            var problems = current.ReadPeopleAgain();
            foreach (var problem in problems)
                LogProblem(problem);
            if (problems.Count > 0)
            {
                LogKept(problems.Count);
                return;
            }
            reload.Apply(current.Mail, current.Server);
            LogReloaded(current.Mail.People!.Users.Count, current.Mail.People.Aliases.Count, current.Mail.People.Lists.Count);
        }
    }

    [LoggerMessage(603, LogLevel.Information, "changed and in force: {Users} users, {Aliases} aliases, {Lists} lists")]
    private partial void LogReloaded(int users, int aliases, int lists);

    [LoggerMessage(613, LogLevel.Error, "{Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(614, LogLevel.Error, "users, aliases and lists stay as they were: {Count} mistakes")]
    private partial void LogKept(int count);
}
