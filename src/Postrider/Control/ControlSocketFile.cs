using Microsoft.Extensions.Hosting;

namespace Postrider.Control;

/// <summary>
/// Keeps the control socket's file: what a killed process left is removed before the socket is made
/// (the data folder's lock is held by then), and nobody but the owner may use it.
/// </summary>
internal sealed class ControlSocketFile(string dataFolder) : IHostedLifecycleService
{
    private readonly string path = ControlSocket.PathIn(dataFolder);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        File.Delete(path);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
