using System.Buffers;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Postrider.Serving;

/// <summary>
/// Writes log messages to standard output, a line each. Writing is done by one task, so that a slow
/// terminal or pipe never holds up mail; lines it cannot keep up with are counted instead.
/// </summary>
internal sealed class ConsoleLines : ILoggerProvider, IAsyncDisposable
{
    private const int MaxWaiting = 50_000;
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);

    // char.IsControl: C0, DEL and C1.
    private static readonly SearchValues<char> controls = SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(static c => (char)c).Where(char.IsControl)]);

    private readonly Channel<Line> lines;
    private readonly TimeProvider time;
    private readonly Func<EventId, bool> isShown;
    private readonly Task writing;
    private readonly string timeFormat;
    private readonly TaskCompletionSource closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long lost;

    /// <summary>Starts writing.</summary>
    /// <param name="output">Where to; this object writes to it alone.</param>
    /// <param name="time">The clock of the lines.</param>
    /// <param name="isTerminal">Whether somebody looks at it: the time of day is enough then.</param>
    /// <param name="isShown">Which events are written at all.</param>
    public ConsoleLines(TextWriter output, TimeProvider time, bool isTerminal, Func<EventId, bool> isShown)
    {
        this.time = time;
        this.isShown = isShown;
        timeFormat = isTerminal ? "HH:mm:ss" : "yyyy-MM-ddTHH:mm:ss.fffzzz";
        lines = Channel.CreateBounded<Line>(
            new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite },
            _ => Interlocked.Increment(ref lost));
        writing = WriteAsync(output);
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose() => DisposeAsync().AsTask().Wait();

    /// <summary>Writes what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        lines.Writer.TryComplete();
        closing.TrySetResult();
        await writing;
    }

    private void Write(LogLevel level, string message, Exception? exception) =>
        lines.Writer.TryWrite(new Line(time.GetLocalNow(), level, message, exception));

    private async Task WriteAsync(TextWriter output)
    {
        while (await lines.Reader.WaitToReadAsync())
        {
            while (lines.Reader.TryRead(out var line))
                WriteLine(output, line);
            if (Interlocked.Exchange(ref lost, 0) is > 0 and var count)
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"({count} lines are not shown: the output is too slow)"));
            await output.FlushAsync();
            // Under load a wake-up for each line would cost more than the line.
            await Task.WhenAny(closing.Task, Task.Delay(pause, time));
        }
    }

    private void WriteLine(TextWriter output, in Line line)
    {
        Span<char> text = stackalloc char[40];
        line.Time.TryFormat(text, out var length, timeFormat, CultureInfo.InvariantCulture);
        output.Write(text[..length]);
        output.Write(line.Level switch { >= LogLevel.Error => " error: ", LogLevel.Warning => " warning: ", _ => " " });
        // What came from a peer cannot make a line of its own, or speak to the terminal.
        if (line.Message.AsSpan().ContainsAny(controls))
            output.Write(string.Create(line.Message.Length, line.Message, static (safe, from) => from.AsSpan().ReplaceAny(safe, controls, '?')));
        else
            output.Write(line.Message);
        if (line.Exception is { } exception)
            output.Write($" {exception}");
        output.WriteLine();
    }

    private readonly record struct Line(DateTimeOffset Time, LogLevel Level, string Message, Exception? Exception);

    private sealed class Logger(ConsoleLines owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && owner.isShown(eventId))
                owner.Write(logLevel, formatter(state, exception), exception);
        }
    }
}
