using Postrider.Hosting.Accounts;
using Postrider.Hosting.Admission;
using Postrider.Tests.Hosting.Accounts;

namespace Postrider.Tests.Hosting.Admission;

public sealed class MailRatesTests
{
    private static readonly RateLimit TwoAMinute = new(2, TimeSpan.FromMinutes(1));

    [Fact]
    public void Messages_of_an_address_are_limited()
    {
        using var rig = new AdmissionRig(options => options.Limits.MessageRate = TwoAMinute);
        var peer = AdmissionRig.Peer("192.0.2.7");
        Assert.Null(rig.Rates.TakeMessage(peer));
        Assert.Null(rig.Rates.TakeMessage(peer));
        Assert.StartsWith("450 4.7.1", rig.Rates.TakeMessage(peer)!.ToString(), StringComparison.Ordinal);
        Assert.Null(rig.Rates.TakeRecipient(peer));
        Assert.Null(rig.Rates.TakeMessage(AdmissionRig.Peer("192.0.2.8")));
        rig.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(rig.Rates.TakeMessage(peer));
    }

    [Fact]
    public void Recipients_of_an_address_are_limited()
    {
        using var rig = new AdmissionRig(options => options.Limits.RecipientRate = TwoAMinute);
        var peer = AdmissionRig.Peer("2001:db8::1");
        Assert.Null(rig.Rates.TakeRecipient(peer));
        Assert.Null(rig.Rates.TakeRecipient(AdmissionRig.Peer("2001:db8::2")));
        Assert.StartsWith("450 4.7.1", rig.Rates.TakeRecipient(peer)!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_is_limited_wherever_it_comes_from()
    {
        using var rig = new AdmissionRig(options => (options.Limits.AccountMessageRate, options.Limits.AccountRecipientRate) = (TwoAMinute, TwoAMinute));
        Assert.Null(rig.Rates.TakeMessage(AdmissionRig.Peer("192.0.2.7", "anna")));
        Assert.Null(rig.Rates.TakeMessage(AdmissionRig.Peer("127.0.0.1", "anna")));
        Assert.Contains("your account", rig.Rates.TakeMessage(AdmissionRig.Peer("127.0.0.1", "anna"))!.ToString(), StringComparison.Ordinal);
        Assert.Null(rig.Rates.TakeMessage(AdmissionRig.Peer("127.0.0.1", "jones")));
        Assert.Null(rig.Rates.TakeRecipient(AdmissionRig.Peer("192.0.2.7", "anna")));
        Assert.Null(rig.Rates.TakeRecipient(AdmissionRig.Peer("192.0.2.8", "anna")));
        Assert.StartsWith("450 4.7.1", rig.Rates.TakeRecipient(AdmissionRig.Peer("192.0.2.9", "anna"))!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_account_may_have_rates_of_its_own()
    {
        using var accounts = new LoginRig();
        accounts.Write(
            new Account { Name = "list", MessageRate = RateLimit.Off, RecipientRate = RateLimit.Off },
            new Account { Name = "intern", MessageRate = new RateLimit(1, TimeSpan.FromHours(1)), RecipientRate = new RateLimit(1, TimeSpan.FromHours(1)) },
            new Account { Name = "anna" });
        accounts.Time.Advance(AccountStore.Interval);
        using var rig = new AdmissionRig(options => (options.Limits.AccountMessageRate, options.Limits.AccountRecipientRate) = (TwoAMinute, TwoAMinute), accounts: accounts.Store);
        Assert.Equal((100, 100), Taken("list"));
        Assert.Equal((1, 1), Taken("Intern"));
        Assert.Equal((2, 2), Taken("anna"));
        Assert.Equal((2, 2), Taken("nobody"));

        (int Messages, int Recipients) Taken(string account)
        {
            var peer = AdmissionRig.Peer("127.0.0.1", account);
            return (
                Enumerable.Range(0, 100).Count(_ => rig.Rates.TakeMessage(peer) is null),
                Enumerable.Range(0, 100).Count(_ => rig.Rates.TakeRecipient(peer) is null));
        }
    }

    [Fact]
    public void Refusals_are_logged_once_and_then_counted()
    {
        using var rig = new AdmissionRig(options => options.Limits.MessageRate = TwoAMinute);
        for (var i = 0; i < 1002; i++)
            rig.Rates.TakeMessage(AdmissionRig.Peer("192.0.2.7"));
        Assert.Equal(["192.0.2.7:4711 refused: 450 4.7.1 Too many messages from your address, try again later"], rig.Lines);
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("999 more refused within a minute, the last 192.0.2.7:4711: 450 4.7.1 Too many messages from your address, try again later", rig.Lines[1]);

        // A quiet minute forgets the kind, so that its next refusal is logged at once.
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, rig.Lines.Count);
        Assert.Null(rig.Time.NextDue);
        for (var i = 0; i < 3; i++)
            rig.Rates.TakeMessage(AdmissionRig.Peer("192.0.2.8"));
        Assert.Equal(3, rig.Lines.Count);
    }
}
