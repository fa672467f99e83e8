using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace Postrider.Serving;

/// <summary>
/// SIGTERM and SIGINT (Ctrl+C) stop the server politely: sessions are told, what is under way is
/// finished within the limit. The second one ends the program at once; the spool bears that.
/// </summary>
internal sealed class SignalLifetime(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> registrations = [];
    private int signals;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal));
        registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // Left alone, the second one does what the system does with it: it ends the process.
        if (Interlocked.Increment(ref signals) > 1)
            return;
        context.Cancel = true;
        application.StopApplication();
    }
}
