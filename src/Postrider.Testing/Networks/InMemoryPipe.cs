namespace Postrider.Testing.Networks;

/// <summary>
/// One direction of a connection: what is written comes out after the latency, in pieces, and a full
/// pipe holds the writer up.
/// </summary>
/// <param name="network">The network whose rules apply.</param>
/// <param name="cutAfter">Octets after which the connection breaks, or null.</param>
internal sealed class InMemoryPipe(InMemoryNetwork network, long? cutAfter)
{
    private readonly Lock gate = new();
    private readonly Queue<(long Due, byte[] Octets)> underWay = new();
    private readonly Waiter reader = new();
    private readonly Waiter writer = new();
    private int headTaken;
    private int held;
    private long written;
    private long? endDue;
    private bool broken;
    private bool readerGone;
    private ITimer? timer;

    public InMemoryPipe Opposite { get; set; } = null!;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (readerGone)
                    throw Broken("read");
                var now = network.Time.GetTimestamp();
                if (underWay.TryPeek(out var head) && head.Due <= now)
                    return Take(buffer.Span, now);
                if (underWay.Count == 0 && broken)
                    throw Broken("read");
                if (underWay.Count == 0 && endDue <= now)
                    return 0;
                WakeAt(underWay.Count > 0 ? head.Due : endDue, now);
                wait = reader.Wait();
            }
            await using (cancellationToken.UnsafeRegister(reader.Cancel, null))
                await wait;
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            var cut = false;
            lock (gate)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (broken || readerGone || endDue is not null)
                    throw Broken("write");
                if (octets.Length == 0)
                    return;
                var room = (int)Math.Min(Math.Min(network.BufferSize - held, octets.Length), (cutAfter - written) ?? long.MaxValue);
                if (room > 0)
                {
                    underWay.Enqueue((Due(), octets[..room].ToArray()));
                    held += room;
                    written += room;
                    octets = octets[room..];
                    reader.Wake();
                }
                cut = written >= cutAfter;
                broken |= cut;
                if (!cut && octets.Length == 0)
                    return;
                wait = cut ? Task.CompletedTask : writer.Wait();
            }
            if (cut)
            {
                Opposite.Break();
                if (octets.Length == 0)
                    return;
                throw Broken("write");
            }
            await using (cancellationToken.UnsafeRegister(writer.Cancel, null))
                await wait;
        }
    }

    // The writing side ends: the reader gets what is under way, then the end.
    public void End()
    {
        lock (gate)
        {
            endDue ??= Due();
            reader.Wake();
        }
    }

    // The reading side has gone: further writes fail.
    public void Leave()
    {
        lock (gate)
        {
            readerGone = true;
            reader.Wake();
            writer.Wake();
        }
    }

    // Nothing comes out any more.
    public void Break()
    {
        lock (gate)
        {
            broken = true;
            underWay.Clear();
            headTaken = held = 0;
            reader.Wake();
            writer.Wake();
        }
    }

    private static IOException Broken(string what) => new($"Unable to {what}: the connection is broken.");

    private long Due() => network.Time.GetTimestamp() + (network.Latency.Ticks * network.Time.TimestampFrequency / TimeSpan.TicksPerSecond);

    private int Take(Span<byte> buffer, long now)
    {
        if (buffer.Length == 0)
            return 0;
        var due = -headTaken;
        foreach (var piece in underWay)
        {
            if (piece.Due > now)
                break;
            due += piece.Octets.Length;
        }
        var count = network.CutRead(Math.Min(due, buffer.Length));
        for (var taken = 0; taken < count;)
        {
            var head = underWay.Peek().Octets.AsSpan(headTaken);
            var part = Math.Min(head.Length, count - taken);
            head[..part].CopyTo(buffer[taken..]);
            taken += part;
            headTaken += part;
            if (part == head.Length)
            {
                underWay.Dequeue();
                headTaken = 0;
            }
        }
        held -= count;
        writer.Wake();
        return count;
    }

    private void WakeAt(long? due, long now)
    {
        if (due is not { } at)
            return;
        timer?.Dispose();
        var delay = TimeSpan.FromTicks(Math.Max(0, (at - now) * TimeSpan.TicksPerSecond / network.Time.TimestampFrequency) + 1);
        timer = network.Time.CreateTimer(
            static pipe =>
            {
                var self = (InMemoryPipe)pipe!;
                lock (self.gate)
                    self.reader.Wake();
            },
            this,
            delay,
            Timeout.InfiniteTimeSpan);
    }
}
