using FsCheck;
using FsCheck.Fluent;
using Postrider.Conformance.Dialogues;
using Postrider.Smtp.Server;
using Postrider.Tests.Smtp.Replies;
using System.Text;

namespace Postrider.Tests.Smtp.Server;

public sealed class SequenceModelTests
{
    private static readonly ServerSettings settings = new()
    {
        Hostname = "mx.example.org",
        Limits = new ServerLimits { Recipients = 3, Errors = int.MaxValue, IdleCommands = int.MaxValue },
    };

    // What brings a transaction forward is drawn more often, or few would ever reach DATA.
    private static readonly Gen<string> command = Gen.Frequency(
        (8, Gen.Constant("MAIL FROM:<a@example.com>")),
        (3, Gen.Elements("MAIL FROM:<a@example.com> BODY=8BITMIME", "MAIL FROM:<no@example.com>", "MAIL FROM:a")),
        (10, Gen.Elements("RCPT TO:<b@example.org>", "RCPT TO:<b@example.org>", "RCPT TO:<b@example.org>", "RCPT TO:<no@example.org>", "RCPT TO:<>")),
        (14, Gen.Constant("DATA")),
        (4, Gen.Elements("BDAT 6\r\nQUIT", "BDAT 6 LAST\r\nQUIT", "BDAT 6 LAST\r\nQUIT", "BDAT 6 LAST\r\nQUIT")),
        (1, Gen.Elements("EHLO c.example", "HELO c.example", "EHLO", "HELO @")),
        (1, Gen.Elements("RSET", "NOOP", "VRFY x", "HELP", "EXPN x", "FOO")));

    [Fact]
    public void Any_sequence_of_commands_gets_the_codes_of_the_model()
    {
        var session = Gen.Elements("EHLO c.example", "HELO c.example", "NOOP")
            .Zip(Gen.ArrayOf(command, 90))
            .Zip(Gen.ArrayOf(Gen.Elements(true, false), 90));
        var (sessions, messages) = (0, 0);
        Prop.ForAll(session.ToArbitrary(), drawn =>
        {
            var ((first, rest), clean) = drawn;
            sessions++;
            messages += Play([first, .. rest, "QUIT"], clean);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        // The draw is worth something only where messages get through.
        Assert.True(messages > sessions, $"{messages} messages in {sessions} sessions");
    }

    private static int Play(string[] commands, bool[] clean)
    {
        var model = new SequenceModel();
        var policy = new ScriptedPolicy().Add("mail no@example.com 550 5.7.1 No").Add("rcpt no@example.org 550 5.1.1 No");
        var driver = new SessionDriver(settings, policy);
        Assert.Equal(220, Code(driver, 0));
        for (var i = 0; i < commands.Length; i++)
        {
            var said = driver.TranscriptLength;
            driver.Feed(Encoding.ASCII.GetBytes(commands[i] + "\r\n"));
            Assert.Equal((commands[i], model.Expect(commands[i])), (commands[i], Code(driver, said)));
            if (!model.IsInContent)
                continue;
            Assert.True(driver.IsInMessage);
            said = driver.TranscriptLength;
            driver.Feed(clean[i % clean.Length] ? "QUIT\r\n"u8 : "QUIT\n"u8);
            Assert.Equal(said, driver.TranscriptLength);
            driver.Feed("\r\n.\r\n"u8);
            Assert.Equal(model.ExpectEnd(clean[i % clean.Length]), Code(driver, said));
        }
        Assert.Equal(model.IsClosed, driver.IsClosed);
        Assert.Equal(model.Messages, driver.Messages.Count);
        return model.Messages;
    }

    // The code of the one reply that came; no reply, or two, is a failure.
    private static int Code(SessionDriver driver, int from) =>
        Assert.Single(ReplyLines.Read(driver.Transcript[from..].Split("\r\n", StringSplitOptions.RemoveEmptyEntries))).Code;
}
