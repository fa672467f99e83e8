using System.Text.Json;
using Postrider.Control;

namespace Postrider.Commands;

/// <summary><c>postrider fetch</c> by TURN and ATRN: the running server does it, for it is who takes the mail in; this asks it to, and prints what it tells.</summary>
internal static class TurnedFetchCommand
{
    /// <summary>Has the server of a data folder fetch.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="CommandException">No server runs there, or it ends meanwhile.</exception>
    public static async Task<int> RunAsync(string folder, FetchOrder order, CancellationToken cancellationToken)
    {
        try
        {
            using var server = ControlSocket.Connect(ControlSocket.PathIn(folder));
            using var request = new HttpRequestMessage(HttpMethod.Post, "/fetch") { Content = System.Net.Http.Json.JsonContent.Create(order, options: ControlSocket.Json) };
            using var response = await server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            response.EnsureSuccessStatusCode();
            using var news = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
            while (await news.ReadLineAsync(cancellationToken) is { } line)
            {
                var one = JsonSerializer.Deserialize<FetchNews>(line, ControlSocket.Json)!;
                if (one.Said is not null)
                    Console.WriteLine(one.Said);
                if (one.Outcome is { } outcome)
                    return await ReportAsync(outcome);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CommandException(ExitCode.TemporaryFailure, $"no server of {folder} answers, and it is the server that takes the mail in; start it by postrider serve: {e.Message}", e);
        }
        throw new CommandException(ExitCode.TemporaryFailure, $"the server of {folder} has stopped.");
    }

    private static async Task<int> ReportAsync(FetchOutcome outcome)
    {
        foreach (var line in outcome.Lines)
            Console.WriteLine(line);
        if (outcome.Problem is not null)
            await Console.Error.WriteLineAsync($"postrider: {outcome.Problem}");
        return outcome.ExitCode;
    }
}
