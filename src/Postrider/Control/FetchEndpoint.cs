using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Postrider.Commands;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.Relaying;
using Postrider.Smtp.Sasl;
using Postrider.Transport.Listening;

namespace Postrider.Control;

/// <summary>Fetches mail at the request of a command: a line of JSON for what is said, as it is said, and one for how it ended.</summary>
internal static class FetchEndpoint
{
    private const int NoMailWaits = 453;
    private const int Refused = 450;
    private static readonly FetchOutcome stopped = new(ExitCode.TemporaryFailure, [], "the server stops; what was not received stays where it is.");

    /// <summary>Adds the route.</summary>
    /// <param name="routes">The routes.</param>
    /// <param name="fetch">Fetches.</param>
    /// <param name="stopping">The server stops.</param>
    public static void Map(IEndpointRouteBuilder routes, TurnedFetch fetch, CancellationToken stopping) => routes.MapPost("/fetch", async (HttpContext context) =>
    {
        var order = (await context.Request.ReadFromJsonAsync<FetchOrder>(ControlSocket.Json))!;
        context.Response.ContentType = "application/x-ndjson";
        var news = Channel.CreateUnbounded<FetchNews>();
        var running = RunAsync(order, fetch, news.Writer, stopping, context.RequestAborted);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await foreach (var one in news.Reader.ReadAllAsync(end.Token))
                await WriteAsync(one, context);
            await running;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The session in which mail is received ends with the SMTP server, which is not told to stop before this has ended.
            await WriteAsync(new FetchNews(null, stopped), context);
        }
    });

    private static async Task WriteAsync(FetchNews news, HttpContext context)
    {
        await context.Response.WriteAsync(JsonSerializer.Serialize(news, ControlSocket.Json) + "\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task RunAsync(FetchOrder order, TurnedFetch fetch, ChannelWriter<FetchNews> news, CancellationToken stopping, CancellationToken aborted)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping);
        try
        {
            var observer = order.ShowsDialogue ? new DialogueText(line => news.TryWrite(new FetchNews(line, null))) : null;
            news.TryWrite(new FetchNews(null, await RunAsync(order, fetch, observer, stopping, end.Token)));
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            news.TryWrite(new FetchNews(null, stopped));
        }
        finally
        {
            news.Complete();
        }
    }

    private static async Task<FetchOutcome> RunAsync(FetchOrder order, TurnedFetch fetch, DialogueText? observer, CancellationToken stopping, CancellationToken cancellationToken)
    {
        var host = new RelayHost(order.Host, order.Port);
        var problems = new List<string>();
        var terms = new RouteTermsCheck(TimeProvider.System, (path, reason) => problems.Add($"{path.TrimStart('.')}: {reason}")).Freeze("", order.Terms, [host]);
        if (problems.Count > 0)
            return new FetchOutcome(ExitCode.Usage, [], string.Join(" ", problems));
        if (order is { CramMd5: true, Terms: { User: { } user, Password: { } secret } })
            terms = terms with { Credentials = new FixedCredential(new CramMd5Credential(user, secret)) };
        var result = await fetch.RunAsync(new FetchRequest(host, terms, order.Domains, order.HelloName), observer, stopping, cancellationToken);
        return OutcomeOf(host, order, result);
    }

    private static FetchOutcome OutcomeOf(RelayHost host, FetchOrder order, FetchResult result)
    {
        var lines = new List<string>();
        if (result.Sent.Messages > 0)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"Sent {result.Sent.Messages} message{(result.Sent.Messages == 1 ? "" : "s")}: {result.Sent.Relayed} recipients taken, {result.Sent.Deferred} deferred, {result.Sent.Failed} failed."));
        if (result.Reply is { } reply)
            lines.AddRange(ServerArguments.Lines(reply).Select(line => $"{(order.Domains is null ? "TURN" : "ATRN")}: {line}"));
        if (result.End is { } end)
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"Received {end.MessagesAccepted} message{(end.MessagesAccepted == 1 ? "" : "s")}."));
            return end.Reason == SessionEndReason.Closed
                ? new FetchOutcome(ExitCode.Ok, lines, null)
                : new FetchOutcome(ExitCode.TemporaryFailure, lines, $"{host}: the connection did not end as it should ({end.Reason}); what was not received stays there.");
        }
        if (result.Ending is { } ending && result.Reply is null)
            return new FetchOutcome(ServerConnection.CodeOf(ending), lines, $"{host}: {(ending.ReplyCode == 0 ? ending.Text : string.Create(CultureInfo.InvariantCulture, $"{ending.ReplyCode} {ending.Enhanced} {ending.Text}"))}");
        if (result.Problem is not null || result.Reply is null)
            return new FetchOutcome(ExitCode.TemporaryFailure, lines, $"{host}: {result.Problem ?? "no reply"}");
        // RFC 2645 §5.2.1: that nothing waits is no failure of a fetch, and a domain that is not ours does not become so later.
        var code = result.Reply.Code switch { NoMailWaits => ExitCode.Ok, Refused => ExitCode.NoPermission, _ => FetchCommand.CodeOf(result.Reply) };
        return new FetchOutcome(code, lines, null);
    }
}
