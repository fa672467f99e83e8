using System.Globalization;
using System.Text.Json;
using Postrider.Configuration;
using Postrider.Control;
using Spectre.Console;

namespace Postrider.Commands;

/// <summary>Prints the queue: a table on a terminal, lines separated by tabs elsewhere, or JSON.</summary>
internal static class QueueOutput
{
    private const int FailureShown = 60;

    private static readonly JsonSerializerOptions indented = new(ControlSocket.Json) { WriteIndented = true };

    public static void List(QueueListing page, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(page, indented));
            return;
        }
        if (Console.IsOutputRedirected)
        {
            foreach (var e in page.Envelopes)
                Console.WriteLine(string.Join('\t', e.Id, e.State, Time(e.Arrived), e.Size.ToString(CultureInfo.InvariantCulture), $"<{e.Sender}>", string.Join(',', e.Recipients.Select(static r => r.Address)), e.NextHop, LastFailure(e)));
            return;
        }
        if (page.Total == 0)
        {
            Console.WriteLine("The queue is empty.");
            return;
        }
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in (string[])["Id", "State", "Arrived", "Size", "From", "To", "Next hop", "Last failure"])
            table.AddColumn(new TableColumn(heading));
        foreach (var e in page.Envelopes)
            table.AddRow(Cells(e));
        AnsiConsole.Write(table);
        if (page.Envelopes.Count < page.Total)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{page.Envelopes.Count:N0} of {page.Total:N0}; --limit N shows more."));
    }

    public static void Show(IReadOnlyList<QueuedEnvelope> envelopes, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(envelopes, indented));
            return;
        }
        foreach (var e in envelopes)
        {
            Console.WriteLine($"{e.Id}");
            Console.WriteLine($"  message   {e.Message}");
            Console.WriteLine($"  state     {e.State}{(e.HoldReason is null ? "" : $": {Safe(e.HoldReason)}")}");
            Console.WriteLine($"  from      <{Safe(e.Sender)}>");
            Console.WriteLine($"  next hop  {Safe(e.NextHop)}");
            Console.WriteLine($"  size      {Quantities.FormatSize(e.Size)}");
            Console.WriteLine($"  arrived   {Time(e.Arrived)}");
            Console.WriteLine($"  next try  {Time(e.Due)}, {e.Attempts} made");
            if (e.Priority is { } priority)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  priority  {priority}"));
            if (e.DeliverBy is { } deadline)
                Console.WriteLine($"  wanted by {Time(deadline)}");
            foreach (var recipient in e.Recipients)
                Console.WriteLine($"  to        <{Safe(recipient.Address)}>{(recipient.LastFailure is null ? "" : $": {Safe(recipient.LastFailure)}")}");
        }
    }

    public static void Changed(QueueChangeResult result, string done, bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, indented));
            return;
        }
        Console.WriteLine($"{result.Changed} {done}.");
        foreach (var id in result.Unknown)
            Console.Error.WriteLine($"postrider: nothing that is queued is named {id}.");
    }

    private static Spectre.Console.Rendering.IRenderable[] Cells(QueuedEnvelope e) =>
    [
        new Text(e.Id),
        new Text(e.State),
        new Text(Time(e.Arrived)),
        new Text(Quantities.FormatSize(e.Size)),
        new Text($"<{Safe(e.Sender)}>"),
        new Text(Safe(e.Recipients.Count == 1 ? e.Recipients[0].Address : $"{e.Recipients[0].Address} and {e.Recipients.Count - 1} more")),
        new Text(Safe(e.NextHop)),
        new Text(LastFailure(e)),
    ];

    private static string LastFailure(QueuedEnvelope e)
    {
        var text = Safe(e.HoldReason ?? e.Recipients.Select(static r => r.LastFailure).FirstOrDefault(static f => f is not null) ?? "");
        return text.Length <= FailureShown ? text : text[..(FailureShown - 1)] + "…";
    }

    private static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    // What came from a peer does not speak to the terminal.
    private static string Safe(string text) => string.Create(text.Length, text, static (safe, from) =>
    {
        for (var i = 0; i < safe.Length; i++)
            safe[i] = char.IsControl(from[i]) ? '?' : from[i];
    });
}
