using Postrider.Smtp.Server;
using Postrider.Transport.Listening;

namespace Postrider.Tests.Transport.Listening;

/// <summary>When replies are sent: counted by the writes that the system sees.</summary>
public sealed class ServerPumpFlushTests
{
    [Fact]
    public void A_pipelined_group_is_answered_with_one_write() => ServerRig.Run(async rig =>
    {
        var client = await rig.GreetAsync();
        await client.SendAsync("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n");
        Assert.Equal(["250", "250", "250", "354"], await client.ReadCodesAsync(4));
        Assert.Single(rig.Recording.Writes);
        await client.SendAsync("Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n");
        Assert.Equal(["250", "221"], await client.ReadCodesAsync(2));
        Assert.Equal("", await client.ReadToEndAsync());
        Assert.Equal(["Subject: x\r\n\r\nhello\r\n"], rig.Handlers[0].Accepted);
        Assert.Equal(1, rig.Ends[0].MessagesAccepted);
        Assert.Equal(SessionEndReason.Closed, rig.Ends[0].Reason);
    });

    [Fact]
    public void The_answer_to_a_message_is_sent_before_what_follows_it_is_looked_at() => ServerRig.Run(async rig =>
    {
        var client = await rig.BeginBodyAsync();
        await client.SendAsync("one\r\n.\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\ntwo\r\n.\r\n");
        Assert.Equal(["250", "250", "250", "354", "250"], await client.ReadCodesAsync(5));
        // The second message lay in the input already: its 354 waits for nothing.
        Assert.Equal([1, 4], rig.Recording.Writes.ConvertAll(LinesOf));
        Assert.Equal(["one\r\n", "two\r\n"], rig.Handlers[0].Accepted);
    });

    [Fact]
    public void What_is_answered_already_is_sent_before_an_answer_that_takes_time()
    {
        ServerRig.Run(
            async rig =>
            {
                var client = await rig.GreetAsync();
                rig.Handlers[0].OnQuestion = async question =>
                {
                    if (question is RecipientQuestion)
                        await Task.Delay(TimeSpan.FromSeconds(10), rig.Time);
                    return Answer.Accept();
                };
                var before = rig.Time.Elapsed;
                await client.SendAsync("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRSET\r\n");
                Assert.StartsWith("250 2.1.0", await client.ReadReplyAsync(), StringComparison.Ordinal);
                Assert.Equal(before, rig.Time.Elapsed);
                Assert.Equal(["250", "250"], await client.ReadCodesAsync(2));
                Assert.Equal(before + TimeSpan.FromSeconds(10), rig.Time.Elapsed);
                Assert.Equal([1, 2], rig.Recording.Writes.ConvertAll(LinesOf));
            });
    }

    [Fact]
    public void Many_replies_are_sent_at_sixteen_kilobytes() => ServerRig.Run(async rig =>
    {
        rig.Settings = new ServerSettings { Hostname = "mx.example", Limits = new ServerLimits { Recipients = 5000 } };
        var client = await rig.GreetAsync();
        await client.SendAsync("MAIL FROM:<a@b.example>\r\n" + string.Concat(Enumerable.Repeat("RCPT TO:<c@d>\r\n", 2000)));
        Assert.All(await client.ReadCodesAsync(2001), code => Assert.Equal("250", code));
        Assert.InRange(rig.Recording.Writes.Count, 2, 6);
        Assert.All(rig.Recording.Writes, write => Assert.InRange(write.Length, 1, (16 * 1024) + 512));
    });

    [Fact]
    public void A_command_in_pieces_is_answered_once() => ServerRig.Run(async rig =>
    {
        var client = await rig.GreetAsync();
        foreach (var piece in "NOOP\r\n")
        {
            await client.SendAsync(piece.ToString());
            await Task.Delay(TimeSpan.FromSeconds(1), rig.Time);
        }
        Assert.Equal(["250"], await client.ReadCodesAsync(1));
        Assert.Single(rig.Recording.Writes);
    });

    private static int LinesOf(string write) => write.Split("\r\n").Length - 1;
}
