using System.Diagnostics;
using System.Net;
using System.Text;
using Postrider.Load.Accounting;
using Postrider.Load.Content;
using Postrider.Load.Receiving;
using Postrider.Load.Sending;

namespace Postrider.FunctionalTests.Campaigns;

/// <summary>The account that the campaigns and the benchmark rely on: does it notice what it is for?</summary>
public sealed class AccountingTests
{
    private static readonly RecipientPlan Plan = new(["b0@example.net", "b1@example.net", "b2@example.net"], each: 2);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void What_the_generator_sends_reaches_the_sink_once_and_whole(bool pipelined, bool reuse)
    {
        var sent = new SentLedger();
        var arrivals = new ArrivalLedger(sent, Plan);
        using var sink = new SmtpSink(0, Plan, arrivals);
        var options = new LoadOptions
        {
            Target = new IPEndPoint(IPAddress.Loopback, sink.Port),
            Sessions = 5,
            Sizes = [300, 5000, 200_000],
            Recipients = Plan,
            Pipelined = pipelined,
            Reuse = reuse,
        };
        using var generator = new LoadGenerator(options, sent);

        Assert.True(generator.Send(200, TimeSpan.FromSeconds(60)));

        Assert.Empty(generator.Errors);
        Assert.Equal(200, sent.Accepted);
        Assert.Equal(400, arrivals.Count);
        Assert.Empty(arrivals.Missing());
        Assert.Empty(arrivals.Corrupt);
        Assert.Empty(arrivals.Duplicates);
        Assert.Equal(0, arrivals.Strange);
    }

    [Fact]
    public void A_body_is_the_same_however_it_is_cut()
    {
        var (sent, wire) = OneMessage();
        for (var step = 1; step < 200; step += step < 8 ? 1 : 37)
        {
            var arrivals = new ArrivalLedger(sent, Plan);
            Receive(wire, step, arrivals, address: 0);

            Assert.Empty(arrivals.Corrupt);
            Assert.Equal(0, arrivals.Strange);
            Assert.Equal(1, arrivals.Count);
        }
    }

    [Fact]
    public void Loss_damage_and_repetition_are_noticed()
    {
        var (sent, wire) = OneMessage();
        var arrivals = new ArrivalLedger(sent, Plan);
        Assert.Equal([0], arrivals.Missing());

        Receive(wire, wire.Length, arrivals, address: 0);
        Assert.Equal([0], arrivals.Missing());
        Receive(wire, wire.Length, arrivals, address: 1);
        Assert.Empty(arrivals.Missing());

        Receive(wire, wire.Length, arrivals, address: 1);
        Assert.Equal(1, Assert.Single(arrivals.Duplicates).Address);

        Receive(wire, wire.Length, arrivals, address: 2);
        Assert.Equal(1, arrivals.Strange);

        Assert.Empty(arrivals.Corrupt);
        wire[^100] ^= 1;
        Receive(wire, wire.Length, arrivals, address: 0);
        Assert.Single(arrivals.Corrupt);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void A_maildir_is_read_with_either_line_end(string lineEnd)
    {
        var (sent, wire) = OneMessage();
        var arrivals = new ArrivalLedger(sent, Plan);
        using var folder = new TemporaryFolder("maildir");
        Directory.CreateDirectory(Path.Combine(folder.Path, "new"));
        var stored = Encoding.Latin1.GetString(wire)[..^3].Replace("\r\n..", "\r\n.", StringComparison.Ordinal).Replace("\r\n", lineEnd, StringComparison.Ordinal);
        File.WriteAllBytes(Path.Combine(folder.Path, "new", "1"), Encoding.Latin1.GetBytes("Return-Path: <a@example.org>" + lineEnd + stored));

        MaildirAudit.Note(folder.Path, 0, arrivals);

        Assert.Equal(1, arrivals.Count);
        Assert.Equal(0, arrivals.Strange);
        Assert.Empty(arrivals.Corrupt);
    }

    private static (SentLedger Sent, byte[] Wire) OneMessage()
    {
        var sent = new SentLedger();
        sent.End(sent.Begin(), accepted: true);
        var templates = new MessageTemplates(1000, 100);
        var line = new byte[100];
        var length = templates.Stamp(sent.Run, 0).Write(line);
        return (sent, [.. "Subject: one\r\n"u8, .. line.AsSpan(0, length), .. "\r\n"u8, .. templates.Wire(0)]);
    }

    // Gives the wire away in pieces; what is not consumed comes again with the next.
    private static void Receive(byte[] wire, int step, ArrivalLedger arrivals, int address)
    {
        var body = new DottedBody();
        body.Begin();
        var (consumed, isComplete) = (0, false);
        for (var given = Math.Min(step, wire.Length); !isComplete; given = Math.Min(given + step, wire.Length))
        {
            consumed += body.Take(wire.AsSpan(consumed, given - consumed), out isComplete);
            if (given == wire.Length && !isComplete)
                throw new UnreachableException("The end of data was not found.");
        }
        Assert.Equal(wire.Length, consumed);
        body.Note(arrivals, address);
    }
}
