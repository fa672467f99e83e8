using System.Net;
using Postrider.Delivery.People;
using Postrider.Queue.Disk;
using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Server;
using Postrider.Tests.Delivery.People;
using Postrider.Tests.Hosting.Reception;

namespace Postrider.Tests.Hosting.People;

public sealed class PeopleReplyTests
{
    private static readonly IPAddress insider = IPAddress.Parse("10.1.2.3");

    [Theory]
    [InlineData("anna@example.org", null)]
    [InlineData("anna+shop@example.com", null)]
    [InlineData("bob@example.org", null)]
    [InlineData("info@example.org", null)]
    [InlineData("team@example.org", null)]
    [InlineData("postmaster", null)]
    [InlineData("postmaster@example.com", null)]
    [InlineData("nobody@example.org", "550 5.1.1 No such user here")]
    [InlineData("smith@example.org", "550 5.1.1 No such user here")]
    [InlineData("dora@example.org", "550 5.1.1 No such user here")]
    [InlineData("lock@example.org", "450 4.2.1 The mailbox is locked, try again later")]
    [InlineData("gone@example.org", "550 5.2.1 The mailbox is disabled")]
    [InlineData("fritz@example.org", "251 2.1.5 User not local; will forward to <fritz@new.example>")]
    [InlineData("gerda@example.org", "551 5.1.6 User not local; please try <gerda@new.example>")]
    [InlineData("anybody@local.example", null)]
    public async Task Rcpt_says_who_is_here(string recipient, string? reply)
    {
        await using var rig = new ReceptionRig(new MemorySpool(), people: SamplePeople.Book());
        Assert.Equal(reply, (await rig.AskRecipientAsync(recipient))?.ToString());
    }

    [Fact]
    public async Task Who_may_ask_is_told_that_a_name_is_ambiguous()
    {
        await using var rig = new ReceptionRig(new MemorySpool(), insider, people: SamplePeople.Book());
        Assert.Equal("553 5.1.4 The name is ambiguous: more than one user goes by it", (await rig.AskRecipientAsync("smith@example.org"))?.ToString());
        Assert.Equal("550 5.1.1 No such user here", (await rig.AskRecipientAsync("nobody@example.org"))?.ToString());
    }

    [Theory]
    [InlineData(false, "452 4.2.2 The mailbox is full, try again later")]
    [InlineData(true, "552 5.2.2 The mailbox is full")]
    public async Task A_full_mailbox_takes_nothing_until_its_reader_makes_room(bool isFinal, string reply)
    {
        await using var rig = new ReceptionRig(new MemorySpool(), people: SamplePeople.Book(new MailboxQuota(1000, 3, isFinal)));
        Assert.Null(await rig.AskRecipientAsync("anna@example.org"));
        Assert.Equal("552 5.2.3 The message is larger than the mailbox may hold", (await AskAsync(rig, 1001))?.ToString());
        Assert.Null(await AskAsync(rig, 1000));

        // What comes from elsewhere is seen only when the mailbox is counted again.
        for (var i = 0; i < 3; i++)
            Put(rig.Disk, $"/mail/example.org/anna/cur/{i}:2,S", 10);
        rig.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Null(await AskAsync(rig, 0));
        var full = new ReceptionRig(new MemorySpool(), people: SamplePeople.Book(new MailboxQuota(1000, 3, isFinal)));
        await using (full)
        {
            for (var i = 0; i < 3; i++)
                Put(full.Disk, $"/mail/example.org/anna/cur/{i}:2,S", 10);
            Assert.Equal(reply, (await AskAsync(full, 0))?.ToString());
            full.Disk.Delete("/mail/example.org/anna/cur/1:2,S");
            Assert.Equal(reply, (await AskAsync(full, 0))?.ToString());
            full.Time.Advance(TimeSpan.FromSeconds(11));
            Assert.Null(await AskAsync(full, 0));
            Assert.Equal(reply, (await AskAsync(full, 990))?.ToString());
        }
    }

    [Theory]
    [InlineData("anna", "250 2.1.5 Anna Smith <anna@example.org>")]
    [InlineData("<anna@example.com>", "250 2.1.5 Anna Smith <anna@example.org>")]
    [InlineData("Anna Smith", "250 2.1.5 Anna Smith <anna@example.org>")]
    [InlineData("Smith", "553 5.1.4 Ambiguous; possibilities are / Anna Smith <anna@example.org> / Bob Smith <bob@example.org>")]
    [InlineData("team", "250 2.1.5 The team <team@example.org>")]
    [InlineData("info@example.org", "250 2.1.5 <info@example.org>")]
    [InlineData("postmaster@example.com", "250 2.1.5 <postmaster@example.org>")]
    [InlineData("fritz", "251 2.1.5 User not local; will forward to <fritz@new.example>")]
    [InlineData("gerda@example.com", "551 5.1.6 User not local; please try <gerda@new.example>")]
    [InlineData("dora", "250 2.1.5 <dora@example.com>")]
    [InlineData("nobody", "550 5.1.1 No such user here")]
    [InlineData("nobody@example.org", "550 5.1.1 No such user here")]
    [InlineData("anybody@elsewhere.example", null)]
    [InlineData("anybody@local.example", null)]
    public async Task Vrfy_tells_those_who_may_ask(string name, string? reply)
    {
        await using var rig = new ReceptionRig(new MemorySpool(), insider, people: SamplePeople.Book());
        Assert.Equal(reply, (await rig.AskAsync(new VerifyQuestion(name))).Reply?.ToString());
        rig.Facts = rig.Facts with { PeerAddress = IPAddress.Parse("192.0.2.7") };
        Assert.Null((await rig.AskAsync(new VerifyQuestion(name))).Reply);
        rig.Facts = rig.Facts with { Account = "bob" };
        Assert.Null((await rig.AskAsync(new VerifyQuestion(name))).Reply);
        rig.Facts = rig.Facts with { Account = "anna" };
        Assert.Equal(reply, (await rig.AskAsync(new VerifyQuestion(name))).Reply?.ToString());
    }

    [Fact]
    public async Task A_full_name_in_utf_8_is_shown_to_those_who_can_read_it()
    {
        await using var rig = new ReceptionRig(new MemorySpool(), insider, people: SamplePeople.Book());
        Assert.Equal("250 2.1.5 Dora Müller <dora@example.com>", (await rig.AskAsync(new VerifyQuestion("Müller", SmtpUtf8: true))).Reply?.ToString());
        Assert.Equal("250 2.1.5 <dora@example.com>", (await rig.AskAsync(new VerifyQuestion("dora"))).Reply?.ToString());

        var builder = SamplePeople.Builder();
        builder.AddUser("u", "dörte", new UserTerms { FullName = "Dörte" });
        builder.AddAlias("a", "both", ["dörte"]);
        await using var other = new ReceptionRig(new MemorySpool(), insider, people: builder.Build());
        Assert.Equal("252 2.6.8", (await other.AskAsync(new VerifyQuestion("dörte"))).Reply?.ToString()[..9]);
        Assert.Equal("252 2.6.8", (await other.AskAsync(new ExpandQuestion("both", false))).Reply?.ToString()[..9]);
        Assert.Equal("250 2.1.5 Dörte <dörte@example.org>", (await other.AskAsync(new ExpandQuestion("both", true))).Reply?.ToString());
    }

    [Theory]
    [InlineData("team", "250 2.1.5 Anna Smith <anna@example.org> / Bob Smith <bob@example.org> / <bob@elsewhere.example> / Emil <emil@elsewhere.example>")]
    [InlineData("All@example.com", "250 2.1.5 Anna Smith <anna@example.org> / Bob Smith <bob@example.org> / <bob@elsewhere.example> / Emil <emil@elsewhere.example> / <dora@example.com>")]
    [InlineData("The Team", "250 2.1.5 Anna Smith <anna@example.org> / Bob Smith <bob@example.org> / <bob@elsewhere.example> / Emil <emil@elsewhere.example>")]
    [InlineData("root", "250 2.1.5 Anna Smith <anna@example.org> / Bob Smith <bob@example.org> / <bob@elsewhere.example>")]
    [InlineData("anna", "550 5.1.1 That is a user name, not a mailing list")]
    [InlineData("nobody", "550 5.1.1 No such list here")]
    [InlineData("team@elsewhere.example", "550 5.1.1 No such list here")]
    public async Task Expn_names_the_members_to_those_who_may_ask(string name, string reply)
    {
        await using var rig = new ReceptionRig(new MemorySpool(), insider, people: SamplePeople.Book());
        Assert.Equal(reply, (await rig.AskAsync(new ExpandQuestion(name, false))).Reply?.ToString());
        rig.Facts = rig.Facts with { PeerAddress = IPAddress.Parse("192.0.2.7") };
        Assert.Null((await rig.AskAsync(new ExpandQuestion(name, false))).Reply);
    }

    [Fact]
    public async Task A_list_of_more_members_than_a_reply_holds_is_not_shown()
    {
        var builder = SamplePeople.Builder();
        builder.AddList("l", "long", new ListTerms { Owner = "postmaster", Members = [.. Enumerable.Range(0, 501).Select(static i => $"m{i}@elsewhere.example")] });
        await using var rig = new ReceptionRig(new MemorySpool(), insider, people: builder.Build());
        Assert.Equal("252 2.5.0 Cannot expand: the list has too many members to show", (await rig.AskAsync(new ExpandQuestion("long", false))).Reply?.ToString());
    }

    [Fact]
    public async Task The_state_of_the_server_is_told_to_those_who_may_ask()
    {
        await using var rig = new ReceptionRig(new MemorySpool(), insider);
        Assert.Equal(
            "211 2.0.0 mx.example.org has been up since 2026-03-04 05:06:07 UTC / Queued: 0 (0 being tried, 0 held) / Mail is accepted",
            (await rig.AskAsync(new StatusQuestion())).Reply?.ToString());
        rig.Facts = rig.Facts with { PeerAddress = IPAddress.Parse("192.0.2.7") };
        Assert.Null((await rig.AskAsync(new StatusQuestion())).Reply);
    }

    private static async Task<Postrider.Smtp.Replies.Reply?> AskAsync(ReceptionRig rig, long size)
    {
        await rig.AskAsync(new MailQuestion(ReversePath.Null, size));
        return (await rig.AskAsync(new RecipientQuestion(ReversePath.Null, new EnvelopeRecipient(SamplePeople.Mailbox("anna@example.org"))))).Reply;
    }

    private static void Put(IDisk disk, string path, int length)
    {
        Assert.False(disk.CreateDirectory(Path.GetDirectoryName(path)!) is { IsError: true, IsExisting: false });
        Assert.False(disk.Open(path, FileUse.CreateNew, out var file).IsError);
        using (file)
            Assert.False(file!.Write(0, [new byte[length]]).IsError);
    }
}
