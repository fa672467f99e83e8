using System.Text;
using Postrider.Conformance.Dialogues;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Server;

namespace Postrider.Tests.Smtp.Extensions;

/// <summary>What a message does not ask for costs it nothing, whether it is offered or not.</summary>
[Collection(nameof(Alone))]
public sealed class WishesCostTests
{
    [Fact]
    public void A_message_that_wants_nothing_of_time_and_priority_allocates_no_more_where_it_could()
    {
        var offered = SmtpExtensions.Standard
            .With(new FutureReleaseExtension(TimeSpan.FromDays(30)))
            .With(new DeliverByExtension(TimeSpan.Zero))
            .With(new MtPriorityExtension("MIXER", static _ => 9));
        _ = Measure(offered);
        var without = Measure(SmtpExtensions.Standard);
        // A collection that another test causes counts the rest of this thread's 8 KB.
        Assert.InRange(Measure(offered), 0, without + 8_192);
    }

    private static long Measure(SmtpExtensions extensions)
    {
        var settings = new ServerSettings { Hostname = "mx.example.org", Extensions = extensions };
        var driver = new SessionDriver(settings, new ScriptedPolicy());
        driver.Feed("EHLO client.example\r\n"u8);
        var message = Encoding.ASCII.GetBytes("MAIL FROM:<a@example.net> SIZE=100\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n");
        driver.Feed(message);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 200; i++)
            driver.Feed(message);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
