using System.Net;
using System.Text;
using Postrider.Hosting.Admission;
using Postrider.Hosting.Greylisting;
using Postrider.Smtp.Addresses;

namespace Postrider.Tests.Hosting.Greylisting;

public sealed class GreylistTests
{
    private static readonly GreylistOptions Options = new();
    private static readonly AddressBlock Network = AddressBlock.Of(IPAddress.Parse("192.0.2.7"), 24, 64);

    private readonly Greylist greylist = new();
    private DateTimeOffset now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void The_first_attempt_is_put_off_and_a_later_one_passes()
    {
        Assert.False(Try("a@b.example", "c@d.example"));
        now += TimeSpan.FromSeconds(299);
        Assert.False(Try("a@b.example", "c@d.example"));
        now += TimeSpan.FromSeconds(1);
        Assert.True(Try("A@B.example", "c@D.example"));
    }

    [Fact]
    public void A_network_that_came_again_is_known_for_all_its_mail()
    {
        Assert.False(Try("a@b.example", "c@d.example"));
        now += TimeSpan.FromMinutes(5);
        Assert.False(Try("a@b.example", "other@d.example"));
        Assert.True(Try("a@b.example", "c@d.example"));
        Assert.True(Try("a@b.example", "other@d.example"));
        Assert.False(Try("a@b.example", "c@d.example", "192.0.3.7"));
        now += TimeSpan.FromDays(34);
        Assert.True(Try("x@y.example", "c@d.example", "192.0.2.200"));
        now += TimeSpan.FromDays(34);
        Assert.True(Try("x@y.example", "c@d.example"));
        now += TimeSpan.FromDays(35);
        Assert.False(Try("x@y.example", "c@d.example"));
    }

    [Fact]
    public void Who_comes_again_too_late_begins_anew()
    {
        Assert.False(Try("a@b.example", "c@d.example"));
        now += TimeSpan.FromDays(2) + TimeSpan.FromSeconds(1);
        Assert.False(Try("a@b.example", "c@d.example"));
        now += TimeSpan.FromMinutes(5);
        Assert.True(Try("a@b.example", "c@d.example"));
    }

    [Fact]
    public void It_survives_being_written_and_read()
    {
        Assert.False(Try("a@b.example", "c@d.example"));
        Assert.False(Try("a@b.example", "c@d.example", "2001:db8::1"));
        now += TimeSpan.FromMinutes(5);
        Assert.True(Try("a@b.example", "c@d.example"));
        Assert.True(greylist.IsChanged);
        var octets = greylist.Write();
        Assert.False(greylist.IsChanged);

        var other = new Greylist();
        other.Read(octets);
        Assert.False(other.IsChanged);
        Assert.True(other.Pass(Network, ReversePath.Null, Box("x@y.example"), Options, now));
        Assert.True(other.Pass(AddressBlock.Of(IPAddress.Parse("2001:db8::1"), 24, 64), Path("a@b.example"), Box("c@d.example"), Options, now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("something else\n")]
    [InlineData("postrider greylist 1\nw 12\n")]
    [InlineData("postrider greylist 1\nk 0 0 256 5\n")]
    public void What_is_no_greylist_is_said_to_be_none(string text) =>
        Assert.Throws<FormatException>(() => greylist.Read(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Its_memory_is_bounded_and_the_oldest_goes_first()
    {
        var small = new Greylist(places: 10);
        for (var i = 0; i < 1000; i++)
            Assert.False(small.Pass(Network, Path($"a{i}@b.example"), Box("c@d.example"), Options, now));
        Assert.Equal(11, Encoding.ASCII.GetString(small.Write()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        now += TimeSpan.FromMinutes(5);
        Assert.True(small.Pass(Network, Path("a999@b.example"), Box("c@d.example"), Options, now));
    }

    private bool Try(string sender, string recipient, string client = "192.0.2.7") =>
        greylist.Pass(AddressBlock.Of(IPAddress.Parse(client), 24, 64), Path(sender), Box(recipient), Options, now);

    private static Mailbox Box(string text) => Reception.ReceptionRig.Mailbox(text);

    private static ReversePath Path(string text) => new(Box(text));
}
