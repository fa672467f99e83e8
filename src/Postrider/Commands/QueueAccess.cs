using Postrider.Configuration;
using Postrider.Control;
using Postrider.Queue.Disk;
using Postrider.Serving;

namespace Postrider.Commands;

/// <summary>Finds the way to the queue: the server's control socket where one runs, else the spool itself.</summary>
internal static class QueueAccess
{
    /// <summary>Opens the queue of the configured data folder.</summary>
    /// <exception cref="CommandException">There is no such folder, or another process has it and does not answer.</exception>
    public static async Task<IQueueControl> OpenAsync(PostriderConfiguration configuration, CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(configuration.Mail.DataFolder);
        if (!Directory.Exists(folder))
            throw new CommandException(ExitCode.NoInput, $"{folder}: there is no such data folder; --data names another.");
        try
        {
            return await StoppedQueue.OpenAsync(folder, new RecoveryProgress(Console.Error, !Console.IsErrorRedirected, TimeProvider.System), cancellationToken);
        }
        catch (DataFolderInUseException e)
        {
            return await ConnectAsync(folder, e, cancellationToken);
        }
        catch (IOException e)
        {
            throw new CommandException(ExitCode.Unavailable, e.Message, e);
        }
    }

    private static async Task<IQueueControl> ConnectAsync(string folder, DataFolderInUseException holder, CancellationToken cancellationToken)
    {
        var server = ControlSocket.Connect(ControlSocket.PathIn(folder));
        try
        {
            using var alive = await server.GetAsync("/queue?limit=0", cancellationToken);
            alive.EnsureSuccessStatusCode();
            return new RemoteQueue(server);
        }
        catch (HttpRequestException e)
        {
            server.Dispose();
            throw new CommandException(ExitCode.TemporaryFailure, $"{holder.Message} It does not answer at {ControlSocket.FileName}: {e.Message}", e);
        }
    }
}
