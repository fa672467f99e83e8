using System.Net.Http.Json;

namespace Postrider.Control;

/// <summary>The queue of a running server, through its control socket.</summary>
internal sealed class RemoteQueue(HttpClient server) : IQueueControl
{
    public async Task<QueueListing> ListAsync(string? nextHop, int limit) =>
        (await server.GetFromJsonAsync<QueueListing>(
            nextHop is null ? $"/queue?limit={limit}" : $"/queue?limit={limit}&nextHop={Uri.EscapeDataString(nextHop)}",
            ControlSocket.Json))!;

    public async Task<IReadOnlyList<QueuedEnvelope>> FindAsync(string id) =>
        (await server.GetFromJsonAsync<IReadOnlyList<QueuedEnvelope>>($"/queue/{Uri.EscapeDataString(id)}", ControlSocket.Json))!;

    public async Task<QueueChangeResult> ChangeAsync(QueueChange change)
    {
        using var response = await server.PostAsJsonAsync("/queue", change, ControlSocket.Json);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<QueueChangeResult>(ControlSocket.Json))!;
    }

    public ValueTask DisposeAsync()
    {
        server.Dispose();
        return ValueTask.CompletedTask;
    }
}
