using Microsoft.Extensions.Logging;
using Postrider.Serving;
using Postrider.Testing.Timing;

namespace Postrider.Tests.Serving;

public sealed class ConsoleLinesTests
{
    private readonly ManualTime time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, 89, TimeSpan.Zero));

    [Fact]
    public async Task A_line_holds_time_level_and_message()
    {
        var written = await WriteAsync(isTerminal: true, static logger =>
        {
            logger.LogInformation("one");
            logger.LogWarning("two");
            logger.LogError(new InvalidOperationException("why"), "three");
            logger.LogDebug("four");
        });
        Assert.Equal(["05:06:07 one", "05:06:07 warning: two", "05:06:07 error: three System.InvalidOperationException: why"], written);
    }

    [Fact]
    public async Task Where_nobody_looks_the_time_is_whole() =>
        Assert.Equal("2026-03-04T05:06:07.089+00:00 one", Assert.Single(await WriteAsync(isTerminal: false, static logger => logger.LogInformation("one"))));

    [Fact]
    public async Task What_a_peer_wrote_makes_no_line_of_its_own_and_does_not_speak_to_the_terminal()
    {
        const string Hostile = "a\r\nb\u001b[31mc\u009bd Grüße";
        Assert.Equal("05:06:07 a??b?[31mc?d Grüße", Assert.Single(await WriteAsync(isTerminal: true, static logger => logger.LogInformation(Hostile))));
    }

    [Fact]
    public async Task Events_that_are_not_wanted_are_left_out() =>
        Assert.Equal("05:06:07 two", Assert.Single(await WriteAsync(isTerminal: true, static logger =>
        {
            logger.Log(LogLevel.Information, new EventId(7), "one");
            logger.Log(LogLevel.Information, new EventId(8), "two");
        })));

    [Fact]
    public async Task Lines_that_the_output_cannot_keep_up_with_are_counted()
    {
        var output = new SlowWriter();
        await using (var lines = new ConsoleLines(output, time, isTerminal: true, static _ => true))
        {
            var logger = lines.CreateLogger("x");
            logger.LogInformation("first");
            await output.Reached.Task;
            // The writer hangs in the first line; 50,000 wait behind it.
            for (var i = 0; i < 50_003; i++)
                logger.LogInformation("more");
            output.Go.SetResult();
        }
        Assert.Equal("(3 lines are not shown: the output is too slow)", output.Written.Split(Environment.NewLine)[^2]);
    }

    private async Task<string[]> WriteAsync(bool isTerminal, Action<ILogger> log)
    {
        var output = new StringWriter();
        await using (var lines = new ConsoleLines(output, time, isTerminal, static id => id.Id != 7))
            log(lines.CreateLogger("x"));
        return output.ToString().Split(Environment.NewLine)[..^1];
    }

    private sealed class SlowWriter : StringWriter
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Go { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Written => ToString();

        public override async Task FlushAsync()
        {
            Reached.TrySetResult();
            await Go.Task;
        }
    }
}
