using System.Text;
using Postrider.Mime.Headers;
using Postrider.Queue.Spool;

namespace Postrider.Tests.Queue.Spool;

public sealed class MessageContentTests
{
    private const string Stored = "A: 1\r\nB: 2\r\nC: 3\r\n\r\nbody\r\n";

    [Fact]
    public async Task Without_edits_it_is_what_is_stored() =>
        Assert.Equal(Stored, await ReadAsync(HeaderEdits.None, "", 7));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Prefix_insertions_and_omissions_are_applied_however_it_is_read(int step)
    {
        var edits = new HeaderEdits([Edit(0, 0, "R: x\r\n"), Edit(6, 6, ""), Edit(12, 6, "D: 44\r\n"), Edit(18, 0, "E: 5\r\n"), Edit(26, 0, "tail\r\n")]);
        Assert.Equal("P: 0\r\nR: x\r\nA: 1\r\nD: 44\r\nE: 5\r\n\r\nbody\r\ntail\r\n", await ReadAsync(edits, "P: 0\r\n", step));
    }

    [Fact]
    public async Task Two_edits_may_touch() =>
        Assert.Equal("xyB: 2\r\nC: 3\r\n\r\nbody\r\n", await ReadAsync(new HeaderEdits([Edit(0, 3, "x"), Edit(3, 3, "y")]), "", 5));

    [Fact]
    public async Task It_can_be_read_again_from_the_start()
    {
        await using var content = new MessageContent(new ArrayBody(Encoding.ASCII.GetBytes(Stored)), new HeaderEdits([Edit(0, 1, "Z")]), "P\r\n"u8.ToArray());
        var first = new byte[content.Length];
        var second = new byte[content.Length];
        Assert.Equal(content.Length, await content.ReadAsync(first));
        Assert.Equal(0, await content.ReadAsync(new byte[1]));
        content.Rewind();
        Assert.Equal(content.Length, await content.ReadAsync(second));
        Assert.Equal(first, second);
        Assert.Equal(content.Length, content.Position);
    }

    [Fact]
    public async Task It_owns_the_body()
    {
        var body = new ArrayBody([]);
        await new MessageContent(body, HeaderEdits.None).DisposeAsync();
        Assert.True(body.IsDisposed);
    }

    [Fact]
    public void Edits_beyond_the_body_are_refused() =>
        Assert.Throws<ArgumentException>(() => new MessageContent(new ArrayBody(new byte[3]), new HeaderEdits([Edit(2, 2, "")])));

    private static HeaderEdit Edit(int offset, int drop, string insert) => new(offset, drop, Encoding.ASCII.GetBytes(insert));

    private static async Task<string> ReadAsync(HeaderEdits edits, string prefix, int step)
    {
        await using var content = new MessageContent(new ArrayBody(Encoding.ASCII.GetBytes(Stored)), edits, Encoding.ASCII.GetBytes(prefix));
        var read = new List<byte>();
        var buffer = new byte[step];
        while (await content.ReadAsync(buffer) is > 0 and var count)
            read.AddRange(buffer.AsSpan(0, count));
        Assert.Equal(content.Length, read.Count);
        return Encoding.ASCII.GetString(read.ToArray());
    }
}
