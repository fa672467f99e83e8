using Postrider.Smtp.Envelopes;
using Postrider.Tests.Transport.Dialing;

namespace Postrider.Tests.Delivery.Relay;

/// <summary>What the sender wants of time is handed on as far as servers know it (RFC 2852 §4.1), and what was for us alone is not (RFC 4865).</summary>
public sealed class RelayWishesTests
{
    // The simulation begins at 2026-01-01; the server takes 20 seconds to answer EHLO.
    private static readonly DateTimeOffset start = new RelayRig().Simulation.Time.GetUtcNow();

    [Theory]
    [InlineData("DELIVERBY", true, 100, "MAIL FROM:<sender@example.com> BY=80;R", "b Relayed 250 2.0.0 taken [192.0.2.1]")]
    [InlineData("DELIVERBY 80", true, 100, "MAIL FROM:<sender@example.com> BY=80;R", "b Relayed 250 2.0.0 taken [192.0.2.1]")]
    [InlineData("DELIVERBY 81", true, 100, "", "b Failed 0 5.4.7 The server wants 81 seconds for a delivery in time, and 80 are left [192.0.2.1]")]
    [InlineData("DELIVERBY", true, 20, "", "b Failed 0 5.4.7 The time within which the sender wants the message delivered is over [192.0.2.1]")]
    [InlineData("DELIVERBY", false, 10, "MAIL FROM:<sender@example.com> BY=-10;N", "b Relayed 250 2.0.0 taken [192.0.2.1]")]
    [InlineData("PIPELINING", false, 10, "MAIL FROM:<sender@example.com>", "b Relayed 250 2.0.0 taken [192.0.2.1]")]
    [InlineData("PIPELINING", true, 100, "", "b Failed 0 5.3.3 The sender wants the message back if it is late, and the server does not offer DELIVERBY [192.0.2.1]")]
    public void What_is_left_of_the_time_is_handed_on(string offer, bool isReturned, int seconds, string mail, string outcome)
    {
        var rig = new RelayRig("192.0.2.1")
        {
            Wishes = envelope => envelope with { DeliverBy = new DeliverBy(TimeSpan.FromSeconds(7), isReturned) { Deadline = start.AddSeconds(seconds) } },
        };
        var said = Behave(rig, "192.0.2.1", offer);
        rig.Deliver("b@y.example");
        Assert.Equal(outcome, rig.Outcomes);
        Assert.Equal(mail, string.Concat(said.Where(static line => line.StartsWith("MAIL ", StringComparison.Ordinal))));
        if (mail.Length > 0)
            Assert.Equal(offer.StartsWith("DELIVERBY", StringComparison.Ordinal), rig.Attempt!.Outcomes[0].Status.KeepsDeadline);
    }

    [Fact]
    public void Where_one_host_does_not_keep_to_a_time_the_next_may()
    {
        var rig = new RelayRig("192.0.2.1", "192.0.2.2")
        {
            Wishes = envelope => envelope with { DeliverBy = new DeliverBy(TimeSpan.FromSeconds(7), IsReturned: true) { Deadline = start.AddSeconds(100) } },
        };
        Behave(rig, "192.0.2.1", "PIPELINING");
        var said = Behave(rig, "192.0.2.2", "DELIVERBY");
        rig.Deliver("b@y.example");
        Assert.Equal("b Relayed 250 2.0.0 taken [192.0.2.2]", rig.Outcomes);
        Assert.Contains("MAIL FROM:<sender@example.com> BY=60;R", said, StringComparer.Ordinal);
    }

    [Fact]
    public void A_message_without_a_time_is_not_said_to_be_kept_to()
    {
        var rig = new RelayRig("192.0.2.1");
        var said = Behave(rig, "192.0.2.1", "DELIVERBY");
        rig.Deliver("b@y.example");
        Assert.Contains("MAIL FROM:<sender@example.com>", said, StringComparer.Ordinal);
        Assert.False(rig.Attempt!.Outcomes[0].Status.KeepsDeadline);
    }

    [Theory]
    [InlineData("FUTURERELEASE 86400 2030-01-01T00:00:00Z")]
    [InlineData("PIPELINING")]
    public void A_later_release_was_for_us_alone(string offer)
    {
        var rig = new RelayRig("192.0.2.1") { Wishes = envelope => envelope with { Release = new FutureRelease { At = start.AddHours(1) } } };
        var said = Behave(rig, "192.0.2.1", offer);
        rig.Deliver("b@y.example");
        Assert.Equal("b Relayed 250 2.0.0 taken [192.0.2.1]", rig.Outcomes);
        Assert.Contains("MAIL FROM:<sender@example.com>", said, StringComparer.Ordinal);
    }

    private static List<string> Behave(RelayRig rig, string address, string offer)
    {
        var said = new List<string>();
        rig.Serve(address, async peer =>
        {
            await peer.SayAsync("220 mx.example");
            while (await peer.HearAsync() is { } line && line != "QUIT")
            {
                said.Add(line);
                if (line.StartsWith("EHLO ", StringComparison.Ordinal))
                {
                    await Task.Delay(TimeSpan.FromSeconds(20), rig.Simulation.Time);
                    await peer.SayAsync("250-mx.example", $"250 {offer}");
                    continue;
                }
                await peer.SayAsync(line == "DATA" ? "354 go" : "250 ok");
                if (line != "DATA")
                    continue;
                await peer.HearContentAsync();
                await peer.SayAsync("250 2.0.0 taken");
            }
            await peer.SayAsync("221 bye");
        });
        return said;
    }
}
