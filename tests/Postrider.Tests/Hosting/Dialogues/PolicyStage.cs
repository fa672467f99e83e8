using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Configuration;
using Postrider.Conformance.Disk;
using Postrider.Delivery.Terminals;
using Postrider.Hosting;
using Postrider.Hosting.Accounts;
using Postrider.Queue.Disk;
using Postrider.Resolver.Servers;
using Postrider.Smtp.Sasl;
using Postrider.Testing.Networks;
using Postrider.Testing.Resolution;
using Postrider.Testing.Timing;
using Postrider.Transport;
using Postrider.Transport.Listening;
using Postrider.Tests.Transport.Listening;

namespace Postrider.Tests.Hosting.Dialogues;

/// <summary>
/// Plays a script against all that the program is made of, on a network, a disk and a clock in memory. Only accounts, the files of the
/// configuration and the lock of the data folder are real files.
/// </summary>
internal sealed class PolicyStage : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly string folder = Directory.CreateTempSubdirectory("postrider-policy-").FullName;
    private readonly PolicyScript script;
    private readonly ManualTime time = new();
    private readonly CrashingDisk disk = new() { Capacity = 16L << 30 };
    private readonly FakeDns dns = new();
    private readonly InMemoryNetwork network;
    private readonly ServerLog log = new();
    private readonly ConcurrentQueue<string> shown = new();
    private IHost? host;
    private readonly List<RigClient> clients = [];
    private IListener? listener;
    private RigClient? next;
    private bool runs;

    private PolicyStage(PolicyScript script)
    {
        this.script = script;
        network = new InMemoryNetwork(time, new Random(1)) { FragmentReads = false };
    }

    public static async Task PlayAsync(PolicyScript script)
    {
        await using var stage = new PolicyStage(script);
        await stage.StartAsync();
        foreach (var (number, verb, text) in script.Lines)
        {
            try
            {
                await stage.PlayAsync(verb, text);
            }
            catch (Exception e) when (e is not FormatException)
            {
                throw new InvalidOperationException($"{script.Name}:{number}: {e.Message}\n{stage.log}", e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in clients)
            await client.Transport.DisposeAsync();
        if (next is not null)
            await next.Transport.DisposeAsync();
        if (host is not null)
        {
            var stopping = host.StopAsync();
            while (!stopping.IsCompleted)
            {
                await Task.WhenAny(stopping, Task.Delay(Step));
                time.Advance(TimeSpan.FromSeconds(1));
            }
            await stopping;
            host.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    private async Task StartAsync()
    {
        var file = Path.Combine(folder, "postrider.json");
        await File.WriteAllTextAsync(file, script.Configuration);
        foreach (var (_, _, text) in script.Lines.Where(static line => line.Verb == "FILE"))
            await File.WriteAllTextAsync(Path.Combine(folder, text[..text.IndexOf(' ', StringComparison.Ordinal)]), text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..].Replace("\\n", "\n", StringComparison.Ordinal));
        var configuration = PostriderConfiguration.Load(new PostriderConfiguration.Sources(file, Data: null, Listen: []), new Hashtable());
        Assert.Empty(configuration.Problems);

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(log);
        builder.Services
            .AddSingleton<TimeProvider>(time)
            .AddSingleton<INetwork>(network)
            .AddSingleton<IDisk>(disk)
            .AddSingleton<IDnsExchange>(dns)
            .AddSingleton(Options.Create(configuration.Mail))
            .AddSingleton(Options.Create(configuration.Server))
            .AddMailQueue()
            .AddSmtpServer();
        host = builder.Build();
        var accounts = host.Services.GetRequiredService<CurrentSettings>().Value.Accounts;
        Directory.CreateDirectory(Path.GetDirectoryName(accounts)!);
        AccountFile.Write(accounts, [.. script.Lines.Where(static line => line.Verb == "USER").Select(static line => Account(line.Text.Split(' ')))], new UnixDisk());
        await host.StartAsync();
    }

    private async Task PlayAsync(string verb, string text)
    {
        switch (verb)
        {
            case "FILE" or "USER":
                break;
            case "DNS":
                AddToZone(text.Split(' ', 3));
                break;
            case "DISK" when text.StartsWith("room ", StringComparison.Ordinal):
                disk.Capacity = disk.Used + long.Parse(text[5..], CultureInfo.InvariantCulture);
                break;
            case "DISK":
                disk.Fault = text switch
                {
                    "full" => static (_, _) => CrashingDisk.FullDisk,
                    "broken" => static (_, _) => CrashingDisk.BrokenDisk,
                    "well" => null,
                    _ => throw new FormatException($"Not a state of a disk: {text}"),
                };
                break;
            case "CLOCK":
                runs = true;
                break;
            case "TIME":
                time.Advance(PolicyScript.Time(text));
                break;
            case "FROM":
                await HangUpAsync();
                await ConnectAsync(text.Split(' '));
                break;
            case "ALSO":
                await ConnectAsync(text.Split(' '));
                break;
            case "BACK":
                await HangUpAsync();
                break;
            case "SKIP":
                await ArrivedAsync(Client.ReadReplyAsync());
                break;
            case "S:" when text == "<close>":
                Assert.Equal("", await ArrivedAsync(Client.ReadToEndAsync()));
                break;
            case "S:" or "S>":
                Compare(text, await ArrivedAsync(Client.ReadLineAsync()));
                break;
            case ['S', '*', ..]:
                for (var i = 0; i < Count(verb); i++)
                    Compare(text, await ArrivedAsync(Client.ReadLineAsync()));
                break;
            case "C:":
                await Client.SendAsync(text + "\r\n");
                break;
            case "LISTEN":
                listener = network.Listen(EndPoint(text));
                break;
            case "ACCEPT":
                next = new RigClient(await ArrivedAsync(Listener.AcceptAsync().AsTask()) ?? throw new InvalidOperationException("nobody comes"));
                break;
            case "T:":
                Compare(text, await ArrivedAsync(Next.ReadLineAsync()));
                break;
            case "A:":
                await Next.SendAsync(text + "\r\n");
                break;
            case "TERMINAL":
                host!.Services.GetRequiredService<UserTerminals>().Attach(text, ShowAsync);
                break;
            case "SHOWN":
                await ArrivedAsync(TrueAsync(() => string.Concat(shown).Contains(text, StringComparison.Ordinal)));
                break;
            case "LOGGED":
                await ArrivedAsync(TrueAsync(() => log.Contains(text)));
                break;
            default:
                await Client.SendAsync(string.Concat(Enumerable.Repeat(text.Replace("\\r\\n", "\r\n", StringComparison.Ordinal) + "\r\n", Count(verb))));
                break;
        }
    }

    private static int Count(string verb) => int.Parse(verb[2..^1], CultureInfo.InvariantCulture);

    private static IPEndPoint EndPoint(string text) => new(IPAddress.Parse(text.Split(' ')[0]), int.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture));

    private static void Compare(string expected, string line)
    {
        var said = line.TrimEnd('\r', '\n');
        if (!IsLike(said, expected))
            throw new InvalidOperationException($"expected \"{expected}\", got \"{said}\"");
    }

    private ValueTask<bool> ShowAsync(string text, CancellationToken cancellationToken)
    {
        shown.Enqueue(text);
        return new(true);
    }

    private static async Task<bool> TrueAsync(Func<bool> isSo)
    {
        while (!isSo())
            await Task.Delay(Step);
        return true;
    }

    private IListener Listener => listener ?? throw new FormatException($"{script.Name}: LISTEN comes first.");

    private RigClient Next => next ?? throw new FormatException($"{script.Name}: the server has not connected: ACCEPT comes first.");

    private RigClient Client => clients.LastOrDefault() ?? throw new FormatException($"{script.Name}: nobody has connected: FROM comes first.");

    private async Task ConnectAsync(string[] from)
    {
        network.LocalAddress = IPAddress.Parse(from[0]);
        clients.Add(new RigClient(await network.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.1"), int.Parse(from[1], CultureInfo.InvariantCulture)))));
    }

    private async Task HangUpAsync()
    {
        if (clients.Count == 0)
            return;
        await Client.Transport.DisposeAsync();
        clients.RemoveAt(clients.Count - 1);
        // The server still has to see it.
        var sessions = host!.Services.GetRequiredService<SmtpServer>();
        while (sessions.SessionCount > clients.Count)
            await Task.Delay(Step);
    }

    private async Task<T> ArrivedAsync<T>(Task<T> reading)
    {
        var waited = TimeSpan.Zero;
        while (!reading.IsCompleted && waited < Patience)
        {
            await Task.WhenAny(reading, Task.Delay(Step));
            waited += Step;
            if (runs && !reading.IsCompleted)
                time.Advance(TimeSpan.FromMilliseconds(100));
        }
        return reading.IsCompleted ? await reading : throw new TimeoutException("the server says nothing, or not this");
    }

    private void AddToZone(string[] record)
    {
        _ = record switch
        {
            ["A", var name, var address] => dns.Add(name, IPAddress.Parse(address)),
            ["TXT", var name, var said] => dns.AddText(name, said),
            ["MX", var name, "none"] => dns.AddMailExchange(name, 0, ""),
            ["MX", var name, var said] => dns.AddMailExchange(name, int.Parse(said.Split(' ')[0], CultureInfo.InvariantCulture), said.Split(' ')[1]),
            _ => throw new FormatException($"Not a record: {string.Join(' ', record)}"),
        };
    }

    private static Account Account(string[] words)
    {
        var account = AccountFile.Parse("USER", $"{AccountFile.FirstLine}\n{words[0]} {string.Join(' ', words[2..])}").All[0];
        return account with { Password = ScramVerifier.Make(words[1], "0123456789abcdef"u8, ScramVerifier.LeastIterations) };
    }

    private static bool IsLike(string said, string pattern) =>
        pattern.Contains('*', StringComparison.Ordinal)
            ? Regex.IsMatch(said, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.ExplicitCapture, Patience)
            : said == pattern;
}
