using Postrider.Delivery;
using Postrider.Delivery.Local;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Terminals;
using Postrider.Queue.Outcomes;
using Postrider.Smtp.Envelopes;
using Postrider.Testing.Timing;
using Postrider.Tests.Delivery.Local;

namespace Postrider.Tests.Delivery.Terminals;

public sealed class TerminalAgentTests
{
    private static readonly MaildirTarget Target = new("/mail");

    private readonly ManualTime time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    private readonly CrashableDisk disk = new();
    private readonly FakeLeases leases = new();
    private readonly List<string> screen = [];
    private readonly UserTerminals terminals;

    public TerminalAgentTests() => terminals = new UserTerminals(time, "/nowhere/utmp");

    [Theory]
    [InlineData(DeliveryMode.Mailbox, "", "anna bob", "Delivered Delivered")]
    [InlineData(DeliveryMode.Terminal, "anna", "", "Delivered Failed")]
    [InlineData(DeliveryMode.TerminalOrMailbox, "anna", "bob", "Delivered Delivered")]
    [InlineData(DeliveryMode.TerminalAndMailbox, "anna", "anna bob", "Delivered Delivered")]
    public async Task It_goes_where_the_mode_says(DeliveryMode mode, string shown, string kept, string results)
    {
        using var attached = Attach("anna");
        var outcomes = await DeliverAsync(mode);
        Assert.Equal(shown, string.Join(' ', screen.Select(static text => text.Split(':')[0])));
        Assert.Equal(kept, string.Join(' ', disk.Files().Select(static file => file.Path.Split('/')[3]).Order(StringComparer.Ordinal)));
        Assert.Equal(results, string.Join(' ', outcomes.OrderBy(static outcome => outcome.Recipient).Select(static outcome => outcome.Status.Result)));
    }

    [Fact]
    public async Task A_terminal_that_goes_meanwhile_shows_nothing()
    {
        using var attached = terminals.Attach("anna", (_, _) => new ValueTask<bool>(false));
        Assert.Equal("5.2.1", (await DeliverAsync(DeliveryMode.Terminal))[0].Status.Enhanced.ToString());
        Assert.All(await DeliverAsync(DeliveryMode.TerminalOrMailbox), static outcome => Assert.Equal("Delivered to the mailbox", outcome.Status.Text));
    }

    [Fact]
    public async Task A_terminal_that_is_stuck_is_left_after_a_while()
    {
        using var attached = terminals.Attach("anna", static async (_, token) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            return true;
        });
        var delivery = DeliverAsync(DeliveryMode.Terminal);
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.All(await delivery, static outcome => Assert.Equal(DeliveryResult.Failed, outcome.Status.Result));
    }

    [Fact]
    public void A_terminal_is_there_until_it_is_closed()
    {
        Assert.False(terminals.Accepts("anna"));
        using (Attach("Anna"))
        using (Attach("anna"))
            Assert.True(terminals.Accepts("ANNA"));
        Assert.False(terminals.Accepts("anna"));
    }

    private IDisposable Attach(string user) => terminals.Attach(user, (text, _) =>
    {
        screen.Add($"{user}:{text}");
        return new ValueTask<bool>(true);
    });

    private async Task<IReadOnlyList<RecipientOutcome>> DeliverAsync(DeliveryMode mode)
    {
        var agent = new TerminalAgent(terminals, new MaildirAgent(disk, time, new MaildirOptions { HostName = "mx.example.org" }), "mx.example.org", time);
        var entry = leases.Add(Target.Key, ["anna@example.org", "bob@example.org"], arrived: time.GetUtcNow());
        var envelope = leases.Envelope(entry);
        var attempt = new DeliveryAttempt(entry, envelope with { Envelope = envelope.Envelope with { Mode = mode } }, Target, leases);
        await agent.DeliverAsync(attempt, default);
        return attempt.Outcomes;
    }
}
