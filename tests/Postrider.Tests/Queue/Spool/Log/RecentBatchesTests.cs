using Postrider.Queue.Spool.Log;

namespace Postrider.Tests.Queue.Spool.Log;

public sealed class RecentBatchesTests
{
    private const int Block = Layout.Block;

    private readonly RecentBatches recent = new(16 * Block);

    [Fact]
    public void A_batch_is_read_up_to_its_end()
    {
        Keep(3, 2 * Block, 2, 7);
        Assert.True(recent.Holds(3, 2 * Block, 2 * Block));
        Assert.True(recent.Holds(3, (4 * Block) - 1, 1));
        Assert.False(recent.Holds(3, (4 * Block) - 1, 2));
        var read = new byte[100];
        Assert.Equal(10, recent.Read(3, (4 * Block) - 10, read));
        Assert.Equal([7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 0], read[..11]);
    }

    [Fact]
    public void What_was_not_kept_is_not_there()
    {
        Keep(3, 4 * Block, 1, 7);
        recent.Reserve(Block).Span.Fill(9);
        var read = new byte[1];
        Assert.Equal(0, recent.Read(3, (4 * Block) - 1, read));
        Assert.Equal(0, recent.Read(3, 5 * Block, read));
        Assert.Equal(0, recent.Read(2, 4 * Block, read));
        Assert.Equal(0, recent.Read(4, 4 * Block, read));
        Assert.Equal(1, recent.Read(3, 4 * Block, read));
        Assert.Equal(7, read[0]);
    }

    // Whatever the lengths, what is found is right, and the last three quarters of the ring are found.
    [Fact]
    public void The_oldest_make_room_for_the_newest()
    {
        var random = new Random(1);
        var written = new List<(uint Segment, long Offset, int Blocks, byte Value)>();
        long offset = 0;
        for (var i = 0; i < 2000; i++)
        {
            if (random.Next(20) == 0)
                offset = 0;
            var segment = offset == 0 ? (uint)written.Count + 1 : written[^1].Segment;
            written.Add((segment, offset, random.Next(1, 5), (byte)random.Next(256)));
            Keep(segment, offset, written[^1].Blocks, written[^1].Value);
            offset += written[^1].Blocks * Block;

            var newer = 0;
            foreach (var batch in Enumerable.Reverse(written).Take(20))
            {
                var read = new byte[batch.Blocks * Block];
                newer += batch.Blocks;
                var count = recent.Read(batch.Segment, batch.Offset, read);
                Assert.Equal(newer <= 12 ? read.Length : count, count);
                if (count > 0)
                    Assert.Equal(-1, read.AsSpan().IndexOfAnyExcept(batch.Value));
            }
        }
    }

    private void Keep(uint segment, long offset, int blocks, byte value)
    {
        recent.Reserve(blocks * Block).Span.Fill(value);
        recent.Keep(segment, offset, blocks * Block);
    }
}
