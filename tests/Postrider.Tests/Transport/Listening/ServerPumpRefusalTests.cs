using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Tests.Transport.Listening;

/// <summary>What the log is told of limits that were reached.</summary>
public sealed class ServerPumpRefusalTests
{
    private static readonly Reply NoSuchUser = new(550, new(5, 1, 1), "No such user here");

    [Fact]
    public void Who_guesses_names_is_ended_and_the_log_is_told_once() => ServerRig.Run(
        async rig =>
        {
            var client = await rig.GreetAsync();
            await client.SendAsync("MAIL FROM:<>\r\n" + string.Concat(Enumerable.Range(0, 1000).Select(static i => $"RCPT TO:<user{i}@example.org>\r\n")));
            var replies = await client.ReadToEndAsync();
            Assert.Equal(ServerLimits.Default.RefusedRecipients - 1, replies.Split("550 5.1.1").Length - 1);
            Assert.EndsWith("421 4.7.0 mx.example has refused too many recipients, closing connection\r\n", replies, StringComparison.Ordinal);
            Assert.Equal(["421 4.7.0 mx.example has refused too many recipients, closing connection"], rig.Refused);
        },
        static () => new RecordingHandler { OnQuestion = static question => new(question is RecipientQuestion ? Answer.Refuse(NoSuchUser) : Answer.Accept()) });

    [Theory]
    [InlineData("FOO\r\n", 20, "421 4.7.0 mx.example has seen too many errors, closing connection")]
    [InlineData("NOOP\r\n", 101, "421 4.7.0 mx.example has seen too many commands without mail, closing connection")]
    [InlineData("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\nSubject: x\r\n\r\nbare\nline\r\n.\r\nQUIT\r\n", 1, "550 5.6.0")]
    [InlineData("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nRCPT TO:<c@b.example>\r\nQUIT\r\n", 1, "452 4.5.3")]
    [InlineData("QUIT\r\n", 1, null)]
    public void A_limit_that_is_reached_is_told(string input, int times, string? told) => ServerRig.Run(async rig =>
    {
        rig.Settings = new ServerSettings { Hostname = "mx.example", Limits = new ServerLimits { Recipients = 1 } };
        var client = await rig.GreetAsync();
        await client.SendAsync(string.Concat(Enumerable.Repeat(input, times)));
        await client.ReadToEndAsync();
        if (told is null)
            Assert.Empty(rig.Refused);
        else
            Assert.StartsWith(told, Assert.Single(rig.Refused), StringComparison.Ordinal);
    });

    [Theory]
    [InlineData("NOO", true)]
    [InlineData("MAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n", true)]
    [InlineData("NOOP\r\n", false)]
    public void Who_drips_is_told_of_and_who_rests_is_not(string input, bool isTold) => ServerRig.Run(async rig =>
    {
        var client = await rig.GreetAsync();
        await client.SendAsync(input);
        Assert.Contains("421 4.4.2", await client.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(isTold ? 1 : 0, rig.Refused.Count);
    });
}
