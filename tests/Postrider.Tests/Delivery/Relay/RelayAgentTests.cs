using System.Net;
using Postrider.Delivery;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Smtp.Client;
using Postrider.Testing.Networks;
using Postrider.Testing.Simulations;
using Postrider.Tests.Transport.Dialing;
using Postrider.Transport;
using Postrider.Transport.Dialing;

namespace Postrider.Tests.Delivery.Relay;

public sealed class RelayAgentTests
{
    [Fact]
    public void All_recipients_travel_in_one_transaction()
    {
        var run = new RelayRig("192.0.2.1");
        string? content = null;
        run.Serve("192.0.2.1", async peer =>
        {
            await GreetAsync(peer);
            content = await peer.TakeMessageAsync();
        });
        run.Deliver("b@y.example", "c@y.example");
        Assert.Equal("b Relayed 250 2.0.0 taken [192.0.2.1], c Relayed 250 2.0.0 taken [192.0.2.1]", run.Outcomes);
        Assert.Equal("Subject: test\r\n\r\ntext\r\n", content);
        Assert.Equal(SiteCondition.Reached, run.Attempt!.Condition);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("silent")]
    [InlineData("421 4.3.2 busy")]
    [InlineData("450 busy")]
    [InlineData("554 go away")]
    [InlineData("521 no mail here")]
    [InlineData("SSH-2.0")]
    [InlineData("hangs up")]
    [InlineData("hangs up after EHLO")]
    public void The_next_host_is_tried_where_the_first_does_not_serve(string first)
    {
        var run = new RelayRig("192.0.2.1", "192.0.2.2");
        run.Network.Faults = to => to.Address.ToString() == "192.0.2.1"
            ? new LinkFaults { IsRefused = first == "refused", IsSilent = first == "silent" }
            : null;
        run.Serve("192.0.2.1", async peer =>
        {
            if (first.StartsWith("hangs up", StringComparison.Ordinal))
            {
                if (first.EndsWith("EHLO", StringComparison.Ordinal))
                {
                    await peer.SayAsync("220 hi");
                    await peer.HearAsync();
                }
                return;
            }
            await peer.SayAsync(first);
            await peer.HearAsync();
        });
        run.Serve("192.0.2.2", TakeAllAsync);
        run.Deliver("b@y.example");
        Assert.Equal("b Relayed 250 2.0.0 taken [192.0.2.2]", run.Outcomes);
        Assert.Equal(SiteCondition.Reached, run.Attempt!.Condition);
    }

    [Theory]
    [InlineData("PIPELINING", false)]
    [InlineData("DSN", true)]
    public void A_server_that_knows_DSN_reports_to_the_sender_itself(string keyword, bool isReportedOn)
    {
        var run = new RelayRig("192.0.2.1");
        run.Serve("192.0.2.1", async peer =>
        {
            await peer.SayAsync("220 mx.example");
            await peer.HearAsync();
            await peer.SayAsync("250-mx.example", $"250 {keyword}");
            await peer.TakeMessageAsync();
        });
        run.Deliver("b@y.example");
        Assert.Equal(isReportedOn, run.IsReportedOn);
    }

    [Fact]
    public void A_site_that_cannot_be_reached_is_said_to_be_so()
    {
        var run = new RelayRig("192.0.2.1", "192.0.2.2");
        run.Deliver("b@y.example", "c@y.example");
        const string refused = "Deferred 0 4.4.1 Cannot connect to 192.0.2.2:25: connection refused. ";
        Assert.Equal($"b {refused}, c {refused}", run.Outcomes);
        Assert.Equal(SiteCondition.Unreachable, run.Attempt!.Condition);
    }

    [Fact]
    public void A_server_that_is_busy_is_said_to_be_so()
    {
        var run = new RelayRig("192.0.2.1");
        run.Serve("192.0.2.1", peer => peer.SayAsync("421 4.3.2 busy"));
        run.Deliver("b@y.example");
        Assert.Equal("b Deferred 421 4.3.2 busy [192.0.2.1]", run.Outcomes);
        Assert.Equal(SiteCondition.Busy, run.Attempt!.Condition);
    }

    [Fact]
    public void Only_those_about_whom_nobody_decided_go_to_the_next_host()
    {
        var run = new RelayRig("192.0.2.1", "192.0.2.2");
        run.Serve("192.0.2.1", async peer =>
        {
            await GreetAsync(peer);
            for (var i = 0; i < 5; i++)
                await peer.HearAsync();
            await peer.SayAsync("250 ok", "550 5.1.1 who?", "450 4.2.1 later", "250 ok", "421 4.3.2 bye");
        });
        var heard = new List<string?>();
        run.Serve("192.0.2.2", async peer =>
        {
            await GreetAsync(peer);
            heard.Add(await peer.HearAsync());
            heard.Add(await peer.HearAsync());
            await peer.HearAsync();
            await peer.SayAsync("250 ok", "250 ok", "354 go");
            await peer.HearContentAsync();
            await peer.SayAsync("250 2.0.0 taken");
        });
        run.Deliver("b@y.example", "c@y.example", "d@y.example");
        Assert.Equal(["MAIL FROM:<sender@example.com>", "RCPT TO:<d@y.example>"], heard);
        Assert.Equal("b Failed 550 5.1.1 who? [192.0.2.1], c Deferred 450 4.2.1 later [192.0.2.1], d Relayed 250 2.0.0 taken [192.0.2.2]", run.Outcomes);
    }

    [Fact]
    public void A_message_that_may_have_arrived_goes_to_nobody_else()
    {
        var run = new RelayRig("192.0.2.1", "192.0.2.2");
        run.Serve("192.0.2.1", async peer =>
        {
            await GreetAsync(peer);
            for (var i = 0; i < 3; i++)
                await peer.HearAsync();
            await peer.SayAsync("250 ok", "250 ok", "354 go");
            await peer.HearContentAsync();
        });
        run.Serve("192.0.2.2", TakeAllAsync);
        run.Deliver("b@y.example");
        Assert.StartsWith("b Deferred 0 4.4.2 The connection was lost waiting for the reply to the end of the message; the server may have taken", run.Outcomes, StringComparison.Ordinal);
        Assert.Equal(1, run.Pool!.Opened);
    }

    [Fact]
    public void Recipients_too_many_for_one_transaction_go_in_others_at_once()
    {
        var run = new RelayRig("192.0.2.1");
        var transactions = new List<int>();
        run.Serve("192.0.2.1", async peer =>
        {
            await GreetAsync(peer);
            var recipients = 0;
            while (await peer.HearAsync() is { } line && line != "QUIT")
            {
                var isRecipient = line.StartsWith("RCPT", StringComparison.Ordinal);
                recipients += isRecipient ? 1 : 0;
                await peer.SayAsync(isRecipient && recipients > 2 ? "452 4.5.3 too many" : line == "DATA" ? "354 go" : "250 ok");
                if (line != "DATA")
                    continue;
                await peer.HearContentAsync();
                await peer.SayAsync("250 2.0.0 taken");
                transactions.Add(recipients);
                recipients = 0;
            }
        });
        run.Deliver("b@y.example", "c@y.example", "d@y.example", "e@y.example", "f@y.example");
        Assert.Equal([5, 3, 1], transactions);
        Assert.Equal(5, run.Attempt!.Outcomes.Count(outcome => outcome.Status.Result == DeliveryResult.Relayed));
        Assert.Equal(1, run.Pool!.Opened);
    }

    [Fact]
    public void A_server_that_finds_too_many_and_hangs_up_is_not_tried_for_ever()
    {
        var run = new RelayRig("192.0.2.1");
        run.Serve("192.0.2.1", async peer =>
        {
            await GreetAsync(peer);
            for (var i = 0; i < 4; i++)
                await peer.HearAsync();
            await peer.SayAsync("250 ok", "250 ok", "452 4.5.3 too many");
        });
        run.Deliver("b@y.example", "c@y.example");
        Assert.All(run.Attempt!.Outcomes, outcome => Assert.Equal(DeliveryResult.Deferred, outcome.Status.Result));
        Assert.Equal(1, run.Pool!.Opened);
    }

    [Fact]
    public void A_host_that_takes_no_mail_ever_is_final_only_where_no_other_may_come_back()
    {
        var run = new RelayRig("192.0.2.1");
        run.Serve("192.0.2.1", peer => peer.SayAsync("521 no mail here"));
        run.Deliver("b@y.example");
        Assert.Equal("b Failed 521 5.0.0 no mail here [192.0.2.1]", run.Outcomes);

        foreach (var hosts in (string[][])[["192.0.2.1", "192.0.2.2"], ["192.0.2.2", "192.0.2.1"]])
        {
            run = new RelayRig(hosts);
            run.Serve("192.0.2.1", peer => peer.SayAsync("521 no mail here"));
            run.Deliver("b@y.example");
            Assert.StartsWith("b Deferred 0 4.4.1 Cannot connect to 192.0.2.2:25", run.Outcomes, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_name_without_an_address_defers()
    {
        var run = new RelayRig("gone.example", "empty.example");
        run.Deliver("b@y.example");
        Assert.Equal("b Deferred 0 4.4.3 The host empty.example has no address ", run.Outcomes);
    }

    [Fact]
    public void The_addresses_of_a_name_are_tried_in_order_five_at_most()
    {
        var run = new RelayRig("many.example");
        var tried = new List<string>();
        run.Network.Faults = to =>
        {
            tried.Add(to.Address.ToString());
            return null;
        };
        run.Deliver("b@y.example");
        Assert.Equal(["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"], tried);

        run = new RelayRig("many.example");
        run.Serve("192.0.2.3", TakeAllAsync);
        run.Deliver("b@y.example");
        Assert.Equal("b Relayed 250 2.0.0 taken many.example", run.Outcomes);
    }

    [Fact]
    public void An_attempt_cut_off_at_the_end_of_the_program_is_handed_back()
    {
        var run = new RelayRig("192.0.2.1");
        run.Serve("192.0.2.1", async peer =>
        {
            await GreetAsync(peer);
            while (await peer.HearAsync() is not null)
            {
            }
        });
        run.Deliver(TimeSpan.FromSeconds(20), "b@y.example");
        Assert.Empty(run.Attempt!.Outcomes);
        Assert.Equal(run.Simulation.Time.GetUtcNow() + TimeSpan.FromMinutes(1), run.Attempt.NotTriedUntil);
    }

    [Theory]
    [InlineData("MAILMAX=5 RCPTMAX=1", 1)]
    [InlineData("MAILMAX=1 RCPTMAX=1", 2)]
    public void A_server_gets_no_more_than_it_said_it_takes(string limits, int connections)
    {
        var run = new RelayRig("192.0.2.1");
        run.Serve("192.0.2.1", TakeLimitedAsync);
        run.Deliver("b@y.example", "c@y.example");
        Assert.Equal("b Relayed 250 2.0.0 taken [192.0.2.1], c Relayed 250 2.0.0 taken [192.0.2.1]", run.Outcomes);
        Assert.Equal(connections, run.Pool!.Opened);

        async Task TakeLimitedAsync(ScriptedPeer peer)
        {
            await peer.SayAsync("220 mx.example");
            await peer.HearAsync();
            await peer.SayAsync("250-mx.example", $"250 LIMITS {limits}");
            while (await peer.TakeMessageAsync() is not null)
            {
            }
        }
    }

    [Fact]
    public void A_message_that_has_gone_is_not_sent()
    {
        var run = new RelayRig("192.0.2.1");
        run.DeliverGone();
        Assert.True(run.Attempt!.IsGone);
        Assert.Equal(0, run.Pool!.Opened);
    }

    private static async Task GreetAsync(ScriptedPeer peer)
    {
        await peer.SayAsync("220 mx.example");
        await peer.HearAsync();
        await peer.SayAsync("250-mx.example", "250 PIPELINING");
    }

    private static async Task TakeAllAsync(ScriptedPeer peer)
    {
        await GreetAsync(peer);
        while (await peer.TakeMessageAsync() is not null)
        {
        }
    }
}
