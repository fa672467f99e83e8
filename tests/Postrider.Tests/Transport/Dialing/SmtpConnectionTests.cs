using System.Text;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Testing.Networks;
using Postrider.Transport.Dialing;

namespace Postrider.Tests.Transport.Dialing;

public sealed class SmtpConnectionTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 5)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Messages_of_any_size_arrive_as_they_were(int seed)
    {
        var fixture = new DialingFixture(seed, bufferSize: 1_000);
        string[] contents =
        [
            "",
            ".\r\n",
            "Subject: small\r\n\r\nhello\r\n..\r\n.\r\n",
            string.Concat(Enumerable.Repeat(".\r\nab\r\n\r\n.cd\r\n", 20_000)),
            new string('x', 70_000),
            string.Concat(Enumerable.Repeat("\r\n.", 30_000)) + "\r\n",
        ];
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await fixture.OpenAsync();
            foreach (var content in contents)
            {
                var result = await connection.SendAsync(DialingFixture.MakeEnvelope(), new TextContent(content));
                Assert.Equal(RecipientVerdict.Accepted, Assert.Single(result.Recipients).Verdict);
                Assert.Equal("taken", result.Recipients[0].Text);
                Assert.True(connection.IsUsable);
            }
            await connection.QuitAsync();
            Assert.Equal(EndingKind.Quit, connection.Ending!.Kind);
            await serving;
        });

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "PIPELINING");
            foreach (var content in contents)
            {
                var lines = (await peer.TakeMessageAsync())!.Split("\r\n");
                var unstuffed = string.Join("\r\n", lines.Select(line => line.StartsWith('.') ? line[1..] : line));
                Assert.Equal(content.Length == 0 || content.EndsWith("\r\n", StringComparison.Ordinal) ? content : content + "\r\n", unstuffed);
            }
            Assert.Null(await peer.TakeMessageAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_thousand_recipients_pass_through_small_buffers(int seed)
    {
        var fixture = new DialingFixture(seed, bufferSize: 50);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await fixture.OpenAsync();
            var result = await connection.SendAsync(DialingFixture.MakeEnvelope(1000), new TextContent("hi\r\n"));
            Assert.All(result.Recipients, recipient => Assert.Equal(RecipientVerdict.Accepted, recipient.Verdict));
            await connection.QuitAsync();
            await serving;
        });

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "PIPELINING");
            Assert.Equal("hi\r\n", await peer.TakeMessageAsync());
            Assert.Null(await peer.TakeMessageAsync());
        }
    }

    [Theory]
    [InlineData("Greeting", 5)]
    [InlineData("Hello", 5)]
    [InlineData("Mail", 5)]
    [InlineData("Recipient", 5)]
    [InlineData("DataStart", 2)]
    [InlineData("DataBlock", 3)]
    [InlineData("DataEnd", 10)]
    public void A_silent_server_is_given_up_after_its_time(string stage, int minutes)
    {
        var fixture = new DialingFixture(1);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await fixture.OpenAsync();
            // Time limits run from the last progress, not from the start.
            if (connection.Ending is null)
            {
                var content = new TextContent(new string('x', stage == "DataBlock" ? 1_000_000 : 10));
                var result = await connection.SendAsync(DialingFixture.MakeEnvelope(2), content);
                Assert.All(result.Recipients, recipient => Assert.Equal(
                    (RecipientVerdict.Deferred, "4.4.2", stage == "DataEnd"),
                    (recipient.Verdict, recipient.Enhanced.ToString(), recipient.MayHaveArrived)));
                Assert.Contains("Timed out", result.Recipients[0].Text, StringComparison.Ordinal);
            }
            Assert.Equal(EndingKind.TimedOut, connection.Ending!.Kind);
            var spent = fixture.Simulation.Time.Elapsed;
            Assert.InRange(spent, TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes) + TimeSpan.FromSeconds(1));
            await serving;
        });

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.AcceptAsync(fixture.Listener);
            string[] stages = ["Greeting", "Hello", "Mail", "Recipient", "Recipient", "DataStart"];
            foreach (var reached in stages)
            {
                if (reached != "Greeting")
                    await peer.HearAsync();
                if (reached == stage)
                    break;
                await peer.SayAsync(reached switch { "Greeting" => "220 hi", "DataStart" => "354 go", _ => "250 ok" });
            }
            if (stage == "DataEnd")
                await peer.HearContentAsync();
            if (stage != "DataBlock")
                Assert.Null(await peer.HearAsync());
            else
                await Task.Delay(TimeSpan.FromMinutes(4), fixture.Simulation.Time);
        }
    }

    [Fact]
    public void A_slow_server_that_goes_on_is_not_given_up()
    {
        var fixture = new DialingFixture(1);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await fixture.OpenAsync();
            var result = await connection.SendAsync(DialingFixture.MakeEnvelope(5), new TextContent("hi\r\n"));
            Assert.All(result.Recipients, recipient => Assert.Equal(RecipientVerdict.Accepted, recipient.Verdict));
            await serving;
        });

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "PIPELINING");
            for (var i = 0; i < 7; i++)
            {
                await peer.HearAsync();
                await Task.Delay(TimeSpan.FromMinutes(i < 6 ? 4 : 1.9), fixture.Simulation.Time);
                await peer.SayAsync(i < 6 ? "250 ok" : "354 go");
            }
            await peer.HearContentAsync();
            await Task.Delay(TimeSpan.FromMinutes(9), fixture.Simulation.Time);
            await peer.SayAsync("250 taken");
        }
    }

    [Fact]
    public void A_server_that_does_not_answer_is_given_up_after_half_a_minute()
    {
        var fixture = new DialingFixture(1);
        fixture.Network.Faults = _ => new LinkFaults { IsSilent = true };
        fixture.Simulation.Run(async () =>
        {
            await using var connection = await fixture.OpenAsync();
            Assert.Equal((EndingKind.Unreachable, "4.4.1"), (connection.Ending!.Kind, connection.Ending.Enhanced.ToString()));
            Assert.Equal(TimeSpan.FromSeconds(30), fixture.Simulation.Time.Elapsed);
            var result = await connection.SendAsync(DialingFixture.MakeEnvelope(), new TextContent("hi\r\n"));
            Assert.True(result.Recipients[0].IsUndecided);
        });
    }

    [Fact]
    public void A_refused_connection_is_a_result()
    {
        var fixture = new DialingFixture(1);
        fixture.Network.Faults = _ => new LinkFaults { IsRefused = true };
        fixture.Simulation.Run(async () =>
        {
            await using var connection = await fixture.OpenAsync();
            Assert.Equal(EndingKind.Unreachable, connection.Ending!.Kind);
            Assert.Contains("refused", connection.Ending.Text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Giving_up_is_a_result()
    {
        var fixture = new DialingFixture(1);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(7), fixture.Simulation.Time);
            await using var connection = await fixture.OpenAsync(cancellationToken: patience.Token);
            var result = await connection.SendAsync(DialingFixture.MakeEnvelope(), new TextContent("hi\r\n"), patience.Token);
            Assert.Equal("Given up waiting for the reply to MAIL", result.Recipients[0].Text);
            Assert.Equal(TimeSpan.FromSeconds(7), fixture.Simulation.Time.Elapsed);
            Assert.False(connection.IsUsable);
            await serving;
        });

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "PIPELINING");
            while (await peer.HearAsync() is not null)
            {
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_server_that_gives_up_half_way_is_heard(int seed)
    {
        var fixture = new DialingFixture(seed, bufferSize: 5_000);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await fixture.OpenAsync();
            var result = await connection.SendAsync(DialingFixture.MakeEnvelope(), new TextContent(new string('x', 10_000_000)));
            Assert.Equal((RecipientVerdict.Failed, 552, "too big"), (result.Recipients[0].Verdict, result.Recipients[0].ReplyCode, result.Recipients[0].Text));
            await serving;
        });

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "PIPELINING");
            for (var i = 0; i < 3; i++)
                await peer.HearAsync();
            await peer.SayAsync("250 ok", "250 ok", "354 go");
            await Task.Delay(TimeSpan.FromSeconds(seed), fixture.Simulation.Time);
            await peer.SayAsync("552 5.3.4 too big");
        }
    }

    [Fact]
    public void A_damaged_content_never_gets_its_final_dot()
    {
        var fixture = new DialingFixture(1);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await fixture.OpenAsync();
            var content = new TextContent(new string('x', 200_000), failAfter: 100_000);
            await Assert.ThrowsAsync<InvalidOperationException>(() => connection.SendAsync(DialingFixture.MakeEnvelope(), content).AsTask());
            Assert.False(connection.IsUsable);
            Assert.Null(await serving);
        });

        async Task<string?> ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "PIPELINING");
            return await peer.TakeMessageAsync();
        }
    }

    [Theory]
    [InlineData(true, "plain\r\n", true)]
    [InlineData(true, "gr\u00fcn\r\n", true)]
    [InlineData(false, "plain\r\n", true)]
    [InlineData(false, "gr\u00fcn\r\n", false)]
    public void Content_said_to_be_8_bit_goes_where_8_bit_is_taken_or_none_is_in_it(bool isOffered, string text, bool isSent)
    {
        var fixture = new DialingFixture(1);
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await fixture.OpenAsync();
            var result = await connection.SendAsync(DialingFixture.MakeEnvelope() with { Body = BodyType.EightBitMime }, new TextContent(text));
            Assert.Equal(isSent ? "2.0.0" : "5.6.3", result.Recipients[0].Enhanced.ToString());
            await connection.QuitAsync();
            Assert.Equal(isSent ? text : null, await serving);
        });

        async Task<string?> ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, isOffered ? "8BITMIME" : "SIZE");
            var content = await peer.TakeMessageAsync();
            if (content is not null)
                await peer.TakeMessageAsync();
            return content;
        }
    }

    [Fact]
    public void The_dialogue_can_be_watched()
    {
        var fixture = new DialingFixture(3);
        var seen = new Watcher();
        fixture.Simulation.Run(async () =>
        {
            var serving = ServeAsync();
            await using var connection = await fixture.OpenAsync(seen);
            await connection.SendAsync(DialingFixture.MakeEnvelope(), new TextContent(".\r\n"));
            await connection.QuitAsync();
            await serving;
        });
        Assert.Equal(
            "S 220 mx.example|C EHLO client.example|S 250-mx.example|S 250 PIPELINING|C MAIL FROM:<a@x.example>|C RCPT TO:<r0@y.example>|C DATA|"
            + "S 250 ok|S 250 ok|S 354 go|(7 octets)|S 250 2.0.0 taken|C QUIT|S 221 bye|",
            seen.Text.ToString());

        async Task ServeAsync()
        {
            await using var peer = await ScriptedPeer.GreetAsync(fixture.Listener, "PIPELINING");
            await peer.TakeMessageAsync();
            await peer.TakeMessageAsync();
        }
    }

    private sealed class Watcher : IDialogueObserver
    {
        public StringBuilder Text { get; } = new();

        public void Sent(string line) => Text.Append("C ").Append(line).Append('|');

        public void Received(string line) => Text.Append("S ").Append(line).Append('|');

        public void SentContent(long octets) => Text.Append('(').Append(octets).Append(" octets)|");
    }
}
