using System.Globalization;
using Postrider.Queue.Spool;

namespace Postrider.Serving;

/// <summary>Says how far the opening of a large spool has come: on a terminal in one line that moves, elsewhere now and then.</summary>
internal sealed class RecoveryProgress(TextWriter output, bool isTerminal, TimeProvider time) : IProgress<SpoolProgress>
{
    private const int BarLength = 30;
    private static readonly TimeSpan silence = TimeSpan.FromSeconds(1);

    private readonly TimeSpan interval = isTerminal ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(5);
    private readonly long started = time.GetTimestamp();
    private TimeSpan last;
    private bool isShown;

    public void Report(SpoolProgress value)
    {
        var elapsed = time.GetElapsedTime(started);
        var isDone = value.Done >= value.Total;
        // A spool that opens at once says nothing.
        if (elapsed < silence || (elapsed - last < interval && !(isDone && isShown)))
            return;
        last = elapsed;
        isShown = true;
        var part = value.Total == 0 ? 1 : Math.Clamp((double)value.Done / value.Total, 0, 1);
        var text = string.Create(CultureInfo.InvariantCulture, $"opening the queue: {part:P0}, {value.Entries:N0} entries");
        if (!isTerminal)
        {
            output.WriteLine(text);
            return;
        }
        var filled = (int)(part * BarLength);
        output.Write($"\r[{new string('#', filled)}{new string('.', BarLength - filled)}] {text} ");
        if (isDone)
            output.WriteLine();
        output.Flush();
    }
}
