using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Postrider.Control;

/// <summary>What the control socket answers.</summary>
internal static class ControlEndpoints
{
    private const int MostEnvelopes = 10_000;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes, IQueueControl queue)
    {
        routes.MapGet("/queue", async (HttpContext context) =>
        {
            var nextHop = context.Request.Query["nextHop"] is [{ Length: > 0 } wanted] ? wanted : null;
            var limit = int.TryParse(context.Request.Query["limit"], out var given) ? Math.Clamp(given, 0, MostEnvelopes) : MostEnvelopes;
            await context.Response.WriteAsJsonAsync(await queue.ListAsync(nextHop, limit), ControlSocket.Json);
        });
        routes.MapGet("/queue/{id}", async (HttpContext context) =>
            await context.Response.WriteAsJsonAsync(await queue.FindAsync((string)context.Request.RouteValues["id"]!), ControlSocket.Json));
        routes.MapPost("/queue", async (HttpContext context) =>
        {
            var change = await context.Request.ReadFromJsonAsync<QueueChange>(ControlSocket.Json);
            await context.Response.WriteAsJsonAsync(await queue.ChangeAsync(change!), ControlSocket.Json);
        });
    }
}
