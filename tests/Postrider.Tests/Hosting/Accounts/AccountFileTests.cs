using Postrider.Hosting.Accounts;
using Postrider.Hosting.Admission;
using Postrider.Queue.Disk;
using Postrider.Smtp.Addresses;

namespace Postrider.Tests.Hosting.Accounts;

public sealed class AccountFileTests
{
    private const string Stored = "password=SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    [Fact]
    public void What_was_written_is_read()
    {
        using var rig = new LoginRig();
        Assert.Equal(AccountFile.FirstLine, File.ReadLines(rig.File).First());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(rig.File));
        var before = File.ReadAllText(rig.File);
        var book = AccountFile.Read(rig.File);
        AccountFile.Write(rig.File, book.All, new UnixDisk());
        Assert.Equal(before, File.ReadAllText(rig.File));
        Assert.True(book.TryFind("TIM@example.org", out var tim));
        Assert.True(tim.Password!.Matches("tanstaaftanstaaf"));
        Assert.False(tim.Password!.Matches("wrong"));
        Assert.True(book.TryFindCertificate(LoginRig.Fingerprint, out var app));
        Assert.Equal("app", app.Name);
        Assert.True(book.TryFindForRelay("customer", out var customer));
        Assert.Equal("tanstaaftanstaaf", customer.RelaySecret);
    }

    [Fact]
    public void A_file_may_be_written_by_hand()
    {
        // The keys of "pencil" with the salt of RFC 7677 §3, as RFC 5803 writes them.
        var book = AccountFile.Parse("f", $"postrider accounts 1\r\n# people\n\n  tim   {Stored}  senders=tim@example.org,@example.net\n");
        Assert.True(book.All[0].Password!.Matches("pencil"));
        Assert.Equal(["tim@example.org", "@example.net"], book.All[0].Senders);
    }

    [Fact]
    public void The_secret_of_an_account_for_on_demand_relay_stands_there_itself()
    {
        var book = AccountFile.Parse("f", "postrider accounts 1\ncustomer relay-secret=aHVudGVyMg==\n");
        Assert.False(book.TryFind("customer", out _));
        Assert.True(book.TryFindForRelay("Customer", out var account));
        Assert.Equal("hunter2", account.RelaySecret);
    }

    [Fact]
    public void An_account_may_have_limits_and_terms_of_its_own()
    {
        const string Line = "tim mechanisms=SCRAM-SHA-256-PLUS,EXTERNAL messages=20000/1h recipients=off must-change=yes";
        var account = AccountFile.Parse("f", $"postrider accounts 1\n{Line}\ntom messages=90/1500ms\n").All[0];
        Assert.Equal(["SCRAM-SHA-256-PLUS", "EXTERNAL"], account.Mechanisms);
        Assert.Equal((new RateLimit(20_000, TimeSpan.FromHours(1)), RateLimit.Off, true), (account.MessageRate, account.RecipientRate, account.MustChangePassword));
        using var rig = new LoginRig();
        rig.Write(account);
        Assert.Equal($"{AccountFile.FirstLine}\n{Line}\n", File.ReadAllText(rig.File));
    }

    [Fact]
    public void A_file_that_is_not_there_holds_nobody() => Assert.Empty(AccountFile.Read("/nowhere/accounts").All);

    [Theory]
    [InlineData("accounts\n", "f:1: the first line is not \"postrider accounts 1\".")]
    [InlineData("postrider accounts 1\ntim password=hunter2\n", "f:2: the password is not written as SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey; set it by postrider user passwd.")]
    [InlineData("postrider accounts 1\ntim hunter2\n", "f:2: there is a word that is not known; known: password, relay-secret, senders, certificates, mechanisms, messages, recipients, must-change.")]
    [InlineData("postrider accounts 1\ntim sender=x\n", "f:2: \"sender\" is not known; known: password, relay-secret, senders, certificates, mechanisms, messages, recipients, must-change.")]
    [InlineData("postrider accounts 1\n\ntim senders=nobody\n", "f:3: \"nobody\" is no sender; give an address, @domain for all of a domain, or * for all.")]
    [InlineData("postrider accounts 1\ntim mechanisms=CRAM-MD5\n", "f:2: \"CRAM-MD5\" is no mechanism; known: SCRAM-SHA-256-PLUS, SCRAM-SHA-256, EXTERNAL, OAUTHBEARER, XOAUTH2, PLAIN, LOGIN.")]
    [InlineData("postrider accounts 1\ntim messages=many\n", "f:2: \"many\" is no rate; give a rate such as \"100/1m\", a number and the time that it is for, or \"off\".")]
    [InlineData("postrider accounts 1\ntim recipients=\n", "f:2: \"\" is no rate; give a rate such as \"100/1m\", a number and the time that it is for, or \"off\".")]
    [InlineData("postrider accounts 1\ntim must-change=no\n", "f:2: must-change is yes, or is left out.")]
    [InlineData("postrider accounts 1\ntim relay-secret=aHVudGVyMg== messages=off\n", "f:2: an account with a relay-secret is for on-demand relay alone, and has nothing else.")]
    [InlineData("postrider accounts 1\ntim\nTIM\n", "f:3: TIM stands in line 2 already.")]
    [InlineData("postrider accounts 1\nt,m\n", "f:2: a name has at most 255 characters, no space, comma or equals sign, and no # before it.")]
    [InlineData("postrider accounts 1\ntim relay-secret=hunter2\n", "f:2: the relay-secret is not text in base64; set it by postrider user passwd.")]
    [InlineData("postrider accounts 1\ntim relay-secret=\n", "f:2: the relay-secret is not text in base64; set it by postrider user passwd.")]
    [InlineData("postrider accounts 1\ntim relay-secret=aHVudGVyMg== senders=*\n", "f:2: an account with a relay-secret is for on-demand relay alone, and has nothing else.")]
    [InlineData("postrider accounts 1\ntim certificates=AB\n", "f:2: a certificate is named by its SHA-256 fingerprint, 64 hexadecimal digits in lower case.")]
    public void A_mistake_has_its_line_and_shows_no_secret(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<IOException>(() => AccountFile.Parse("f", text)).Message);

    [Theory]
    [InlineData("SCRAM-SHA-256$4095:c2FsdA==$AA==:AA==")]
    [InlineData("SCRAM-SHA-1$4096:c2FsdA==$AA==:AA==")]
    [InlineData("SCRAM-SHA-256$x:c2FsdA==$AA==:AA==")]
    [InlineData("SCRAM-SHA-256$99999999999:c2FsdA==$AA==:AA==")]
    [InlineData("SCRAM-SHA-256$4096:!$AA==:AA==")]
    [InlineData("SCRAM-SHA-256$4096:c2FsdA==$AA==:AA==")]
    public void A_password_that_is_none_is_a_mistake(string password) =>
        Assert.Contains("the password is not written as", Assert.Throws<IOException>(() => AccountFile.Parse("f", $"postrider accounts 1\nx password={password}\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void Two_commands_do_not_change_it_at_the_same_time()
    {
        using var rig = new LoginRig();
        File.WriteAllText(rig.File + ".new", "");
        var error = Assert.Throws<IOException>(() => rig.Write());
        Assert.Contains("another command is about to change accounts", error.Message, StringComparison.Ordinal);
        Assert.NotEmpty(AccountFile.Read(rig.File).All);
    }

    [Theory]
    [InlineData("tim@example.org", "", "tim@example.org", true)]
    [InlineData("tim@example.org", "", "Tim@Example.org", true)]
    [InlineData("tim@example.org", "", "tom@example.org", false)]
    [InlineData("tim@example.org", "", "tim@example.net", false)]
    [InlineData("tim", "", "tim@local.example", true)]
    [InlineData("tim", "", "tim@example.net", false)]
    [InlineData("tim", "", "tom@local.example", false)]
    [InlineData("tim", "@example.net,x@example.org", "any@EXAMPLE.net", true)]
    [InlineData("tim", "@example.net,x@example.org", "x@example.org", true)]
    [InlineData("tim", "@example.net,x@example.org", "tim@local.example", false)]
    [InlineData("tim", "@example.net", "a@sub.example.net", false)]
    [InlineData("tim", "*", "a@b.example", true)]
    public void A_sender_is_one_that_the_account_may_use(string name, string senders, string sender, bool allowed)
    {
        var account = new Account { Name = name, Senders = senders.Length == 0 ? [] : [.. senders.Split(',')] };
        var at = sender.IndexOf('@', StringComparison.Ordinal);
        Assert.Equal(allowed, account.MaySendAs(new Mailbox(sender[..at], sender[(at + 1)..]), static mailbox => mailbox.Domain == "local.example"));
    }
}
