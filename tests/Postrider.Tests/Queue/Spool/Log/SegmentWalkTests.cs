using System.Buffers.Binary;
using Postrider.Conformance.Disk;
using Postrider.Queue.Disk;
using Postrider.Queue.Spool.Log;

namespace Postrider.Tests.Queue.Spool.Log;

/// <summary>What is a batch, and what only looks like one (rules 8 and 9).</summary>
public sealed class SegmentWalkTests
{
    private static readonly SpoolKey Key = new(0x1122334455667788, 0x99aabbcc);

    private readonly CrashingDisk disk = new();
    private readonly List<SpoolDamage> damage = [];
    private readonly byte[] content = new byte[16 * 4096];

    [Fact]
    public void Batches_are_found_in_order_up_to_the_tail()
    {
        Put(1, 4096, 4096, 7);
        Put(2, 8192, 8192, 8);
        Assert.Equal([(1UL, true), (2UL, false)], Walk(0));
        Assert.Empty(damage);
    }

    [Fact]
    public void A_bad_place_that_a_later_batch_knew_to_be_durable_is_damage()
    {
        Put(1, 4096, 4096, 7);
        Put(2, 8192, 8192, 8);
        Put(3, 12288, 12288, 9);
        content[8192 + 3] ^= 1;
        Assert.Equal([(1UL, true), (3UL, false)], Walk(0));
        Assert.Equal((8192, 4096), (Assert.Single(damage).Offset, damage[0].Length));
    }

    [Fact]
    public void A_bad_place_of_which_no_later_batch_knew_is_the_end()
    {
        // Notes are not synced: the third batch was written when the second was not durable yet.
        Put(1, 4096, 4096, 7);
        Put(2, 8192, 8192, 8);
        Put(3, 12288, 8192, 9);
        content[8192 + 3] ^= 1;
        Assert.Equal([(1UL, false)], Walk(0));
        Assert.Empty(damage);
    }

    [Fact]
    public void Behind_the_end_that_the_next_segment_names_nothing_is_read()
    {
        Put(1, 4096, 4096, 7);
        Put(2, 8192, 8192, 8);
        Assert.Equal([(1UL, true)], Walk(8192));
        Assert.Empty(damage);
    }

    [Fact]
    public void Before_the_end_that_the_next_segment_names_a_bad_place_is_damage()
    {
        Put(1, 4096, 4096, 7);
        Assert.Equal([(1UL, true)], Walk(16384));
        Assert.Equal((8192, 8192), (Assert.Single(damage).Offset, damage[0].Length));
    }

    [Fact]
    public void Records_of_an_earlier_use_of_the_file_do_not_pass_under_a_new_head()
    {
        Put(1, 4096, 4096, 7);
        var earlier = content[4096..8192];
        Put(2, 4096, 4096, 8);
        // The head of the second reached the disk, its records did not: those of the first are still there, each intact.
        earlier.AsSpan(Layout.BatchHeader).CopyTo(content.AsSpan(4096 + Layout.BatchHeader));
        Assert.Empty(Walk(0));
    }

    [Theory]
    [InlineData(2u, 4096, 1u)]
    [InlineData(1u, 8192, 1u)]
    [InlineData(1u, 4096, 2u)]
    public void A_batch_of_another_segment_place_or_start_does_not_pass(uint segment, int offset, uint epoch)
    {
        Put(1, 4096, 4096, 7, segment, offset, epoch);
        Assert.Empty(Walk(0));
    }

    [Fact]
    public void A_batch_of_another_key_does_not_pass()
    {
        Put(1, 4096, 4096, 7, key: Key with { Seed = 1 });
        Assert.Empty(Walk(0));
        Put(1, 4096, 4096, 7, key: Key with { Mark = 1 });
        Assert.Empty(Walk(0));
    }

    [Fact]
    public void A_sequence_that_does_not_rise_does_not_pass()
    {
        Put(5, 4096, 4096, 7);
        Put(5, 8192, 8192, 8);
        Assert.Equal([(5UL, false)], Walk(0));
    }

    private void Put(ulong sequence, int at, uint durable, ulong id, uint segment = 1, int? offset = null, uint epoch = 1, SpoolKey? key = null)
    {
        using var writer = new RecordWriter();
        writer.Begin(RecordKind.Finish);
        writer.UInt64(id);
        writer.UInt32(2);
        writer.End(key ?? Key, isLastOfCommit: true);
        var block = content.AsSpan(at, 4096);
        block.Clear();
        writer.Written.CopyTo(block[Layout.BatchHeader..]);
        new BatchHeader(
            sequence, segment, (uint)(offset ?? at), epoch, durable, 4096, (uint)writer.Length, 0, Batch.Digest(writer.Written, key ?? Key), SegmentKind.Hot).Write(block, key ?? Key);
    }

    private List<(ulong Sequence, bool IsVouched)> Walk(long knownEnd)
    {
        disk.Damage("/segment", content);
        Assert.False(disk.Open("/segment", FileUse.Read, out var file).IsError);
        var segment = new Segment("/segment") { File = file, Number = 1 };
        var walk = new SegmentWalk(segment, Key, 1, 4096, knownEnd, content.Length, damage.Add);
        var found = new List<(ulong Sequence, bool IsVouched)>();
        foreach (var batch in walk.Batches())
        {
            found.Add((batch.Header.Sequence, batch.IsVouched));
            Assert.Equal(batch.Header.Sequence, BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan((int)batch.Header.Offset + 8)));
            batch.Return();
        }
        return found;
    }
}
