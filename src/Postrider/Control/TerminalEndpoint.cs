using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postrider.Delivery.Terminals;

namespace Postrider.Control;

/// <summary>A terminal that is attached through the control socket: a response that lasts as long as its client listens.</summary>
internal static class TerminalEndpoint
{
    /// <summary>Adds the route.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="terminals">Where it is attached.</param>
    /// <param name="stopping">The server stops.</param>
    public static void Map(IEndpointRouteBuilder routes, UserTerminals terminals, CancellationToken stopping) =>
        routes.MapGet("/terminal/{user}", context => ServeAsync(context, terminals, stopping));

    private static async Task ServeAsync(HttpContext context, UserTerminals terminals, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var response = context.Response;
        response.ContentType = "text/plain; charset=utf-8";
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (terminals.Attach((string)context.Request.RouteValues["user"]!, WriteAsync))
        {
            // The client knows by the header that it is attached.
            await response.StartAsync(end.Token);
            await response.Body.FlushAsync(end.Token);
            started.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, end.Token).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        async ValueTask<bool> WriteAsync(string text, CancellationToken cancellationToken)
        {
            if (end.IsCancellationRequested)
                return false;
            try
            {
                // One writes at a time.
                await started.Task.WaitAsync(cancellationToken);
                await response.WriteAsync(text, Encoding.UTF8, cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
                return !context.RequestAborted.IsCancellationRequested;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }
}
