using System.Text;
using Postrider.Hosting.Accounts;
using Postrider.Hosting.Admission;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;
using Postrider.Smtp.Tls;

namespace Postrider.Tests.Hosting.Accounts;

public sealed class LoginTests
{
    private static readonly TlsPeerCertificate Certificate = new() { Subject = "CN=app", Fingerprint = LoginRig.Fingerprint, IsTrusted = true };

    [Theory]
    [InlineData("tim@example.org", "tanstaaftanstaaf", null, true)]
    [InlineData("TIM@EXAMPLE.ORG", "tanstaaftanstaaf", null, true)]
    [InlineData("tim@example.org", "tanstaaftanstaaf", "tim@example.org", true)]
    [InlineData("tim@example.org", "tanstaaftanstaaf", "app", false)]
    [InlineData("tim@example.org", "Tanstaaftanstaaf", null, false)]
    [InlineData("tim@example.org", "\u0007", null, false)]
    [InlineData("app", "", null, false)]
    [InlineData("nobody", "tanstaaftanstaaf", null, false)]
    public async Task A_password_is_the_account_s_or_it_is_not(string user, string password, string? authorizationId, bool isRight)
    {
        using var rig = new LoginRig();
        var question = new PasswordQuestion("PLAIN", user, password, authorizationId);
        var answer = await rig.AskAsync(question);
        Assert.Equal(isRight, answer.IsAccepted);
        if (isRight)
            Assert.Equal("tim@example.org", question.Account);
        else
            Assert.StartsWith("535 5.7.8", answer.Reply!.ToString(), StringComparison.Ordinal);
        Assert.Equal(isRight ? "192.0.2.7:4711 is tim@example.org by PLAIN" : $"192.0.2.7:4711 failed to be {user} by PLAIN", Assert.Single(rig.Logged));
    }

    [Fact]
    public async Task Scram_gives_a_user_that_is_not_there_a_salt_that_stays_its_own()
    {
        using var rig = new LoginRig();
        var first = await StartAsync(rig, "nobody");
        var again = await StartAsync(rig, "Nobody");
        var other = await StartAsync(rig, "nobody2");
        Assert.Equal(first.Verifier!.Salt, again.Verifier!.Salt);
        Assert.Equal(FakeVerifiers.SaltSize, first.Verifier.Salt.Length);
        Assert.False(first.Verifier.Salt.SequenceEqual(other.Verifier!.Salt));
        Assert.False(first.Nonce.Span.SequenceEqual(again.Nonce.Span));
        // An account without a password looks the same from outside.
        Assert.Equal(FakeVerifiers.Iterations, (await StartAsync(rig, "app")).Verifier!.Iterations);
    }

    [Fact]
    public async Task Scram_proves_the_account()
    {
        using var rig = new LoginRig();
        Assert.True((await StartAsync(rig, "tim@example.org")).Verifier!.Matches("tanstaaftanstaaf"));
        var right = new ScramProofQuestion("SCRAM-SHA-256", "tim@example.org", null, true);
        Assert.True((await rig.AskAsync(right)).IsAccepted);
        Assert.Equal("tim@example.org", right.Account);
        Assert.False((await rig.AskAsync(new ScramProofQuestion("SCRAM-SHA-256", "tim@example.org", "app", true))).IsAccepted);
        Assert.False((await rig.AskAsync(new ScramProofQuestion("SCRAM-SHA-256", "tim@example.org", null, false))).IsAccepted);
        Assert.False((await rig.AskAsync(new ScramProofQuestion("SCRAM-SHA-256", "removed", null, true))).IsAccepted);
    }

    [Fact]
    public async Task A_secret_for_on_demand_relay_is_good_for_that_alone()
    {
        using var rig = new LoginRig();
        var (first, second) = (new CramStartQuestion(), new CramStartQuestion());
        Assert.True((await rig.AskAsync(first)).IsAccepted);
        Assert.True((await rig.AskAsync(second)).IsAccepted);
        Assert.Matches("^<[0-9a-f]{32}\\.[0-9]+@mx\\.example>$", Encoding.UTF8.GetString(first.Challenge.Span));
        Assert.False(first.Challenge.Span.SequenceEqual(second.Challenge.Span));

        Assert.True((await rig.AskAsync(Proof("Customer", "tanstaaftanstaaf"))).IsAccepted);
        Assert.False((await rig.AskAsync(Proof("customer", "another"))).IsAccepted);
        Assert.False((await rig.AskAsync(Proof("nobody", "no such account"))).IsAccepted);
        // Neither the account by a way to submit mail, nor others by this one.
        Assert.False((await rig.AskAsync(new PasswordQuestion("PLAIN", "customer", "tanstaaftanstaaf", null))).IsAccepted);
        Assert.False((await rig.AskAsync(new ScramProofQuestion("SCRAM-SHA-256", "customer", null, true))).IsAccepted);
        Assert.Equal(FakeVerifiers.Iterations, (await StartAsync(rig, "customer")).Verifier!.Iterations);
        Assert.False((await rig.AskAsync(Proof("tim@example.org", "tanstaaftanstaaf"))).IsAccepted);

        CramProofQuestion Proof(string user, string secret) => new(user, first.Challenge, CramMd5.Digest(secret, first.Challenge.Span));
    }

    [Fact]
    public async Task A_certificate_stands_for_the_account_that_names_it()
    {
        using var rig = new LoginRig();
        var question = new CertificateQuestion(Certificate, null);
        Assert.True((await rig.AskAsync(question)).IsAccepted);
        Assert.Equal("app", question.Account);
        Assert.False((await rig.AskAsync(new CertificateQuestion(Certificate, "tim@example.org"))).IsAccepted);
        Assert.False((await rig.AskAsync(new CertificateQuestion(Certificate with { Fingerprint = new string('f', 64) }, null))).IsAccepted);
    }

    [Theory]
    [InlineData("tanstaaftanstaaf", "432 4.7.12")]
    [InlineData("wrong", "535 5.7.8")]
    public async Task Whoever_has_the_password_is_told_that_it_is_to_be_set_anew_and_nobody_else(string password, string reply)
    {
        using var rig = new LoginRig();
        Change(rig, static account => account with { MustChangePassword = true });
        var isRight = reply[0] == '4';
        Assert.StartsWith(reply, (await rig.PasswordAsync("tim@example.org", password))!.ToString(), StringComparison.Ordinal);
        Assert.StartsWith(reply, (await rig.AskAsync(new ScramProofQuestion("SCRAM-SHA-256", "tim@example.org", null, isRight))).Reply!.ToString(), StringComparison.Ordinal);
        if (isRight)
            Assert.Contains("192.0.2.7:4711 is tim@example.org by PLAIN, and is not let in: 432 4.7.12 A password transition is needed: the password has to be set anew", rig.Logged, StringComparer.Ordinal);
        // Its certificate does for a login all the same, and a start of SCRAM tells nothing.
        Assert.True((await rig.AskAsync(new CertificateQuestion(Certificate, null))).IsAccepted);
        Assert.True((await StartAsync(rig, "tim@example.org")).Verifier!.Matches("tanstaaftanstaaf"));
    }

    [Fact]
    public async Task An_account_may_demand_strong_mechanisms()
    {
        using var rig = new LoginRig();
        Change(rig, static account => account with { Mechanisms = ["SCRAM-SHA-256-PLUS"], MustChangePassword = true });
        Assert.Same(ReplyCatalogue.AuthTooWeak, await rig.PasswordAsync("tim@example.org", "tanstaaftanstaaf"));
        Assert.Same(ReplyCatalogue.AuthFailed, await rig.PasswordAsync("tim@example.org", "wrong"));
        Assert.Same(ReplyCatalogue.AuthTooWeak, (await rig.AskAsync(new ScramProofQuestion("SCRAM-SHA-256", "tim@example.org", null, true))).Reply);
        Assert.Same(ReplyCatalogue.AuthTooWeak, (await rig.AskAsync(new CertificateQuestion(Certificate, null))).Reply);
        Assert.Same(ReplyCatalogue.AuthTransition, (await rig.AskAsync(new ScramProofQuestion("SCRAM-SHA-256-PLUS", "tim@example.org", null, true))).Reply);
        Change(rig, static account => account with { Mechanisms = ["SCRAM-SHA-256-PLUS"] });
        Assert.True((await rig.AskAsync(new ScramProofQuestion("SCRAM-SHA-256-PLUS", "tim@example.org", null, true))).IsAccepted);
    }

    [Fact]
    public async Task What_is_proven_is_no_failure_however_often_it_is_refused()
    {
        using var rig = new LoginRig(options => options.Limits.LoginFailures = new RateLimit(2, TimeSpan.FromMinutes(1)));
        Change(rig, static account => account with { MustChangePassword = true });
        for (var i = 0; i < 5; i++)
            Assert.Same(ReplyCatalogue.AuthTransition, await rig.PasswordAsync("tim@example.org", "tanstaaftanstaaf"));
    }

    [Fact]
    public async Task A_failure_is_answered_late()
    {
        using var rig = new LoginRig();
        var answer = rig.StartAsync(new ScramProofQuestion("SCRAM-SHA-256", "tim@example.org", null, false));
        rig.Time.Advance(LoginGuard.Delay - TimeSpan.FromTicks(1));
        Assert.False(answer.IsCompleted);
        rig.Time.Advance(TimeSpan.FromTicks(1));
        Assert.False((await answer).IsAccepted);
    }

    [Fact]
    public async Task An_address_that_fails_too_often_is_not_listened_to()
    {
        using var rig = new LoginRig(options => options.Limits.LoginFailures = new RateLimit(2, TimeSpan.FromMinutes(1)));
        await FailAsync(rig, "a", "192.0.2.7");
        await FailAsync(rig, "b", "192.0.2.7");
        Assert.StartsWith("454 4.7.0", (await rig.PasswordAsync("tim@example.org", "tanstaaftanstaaf"))!.ToString(), StringComparison.Ordinal);
        Assert.False((await rig.AskAsync(new ScramStartQuestion("SCRAM-SHA-256", "tim@example.org"))).IsAccepted);
        Assert.False((await rig.AskAsync(new CertificateQuestion(Certificate, null))).IsAccepted);
        Assert.Null(await rig.PasswordAsync("tim@example.org", "tanstaaftanstaaf", "192.0.2.8"));
        rig.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await rig.PasswordAsync("tim@example.org", "tanstaaftanstaaf"));
    }

    [Fact]
    public async Task An_account_that_is_guessed_at_from_everywhere_is_closed_for_a_while()
    {
        using var rig = new LoginRig(options => options.Limits.AccountLoginFailures = new RateLimit(3, TimeSpan.FromMinutes(1)));
        for (var i = 1; i <= 3; i++)
            await FailAsync(rig, i == 2 ? "TIM@example.org" : "tim@example.org", $"192.0.2.{i}");
        Assert.StartsWith("454 4.7.0", (await rig.PasswordAsync("tim@example.org", "tanstaaftanstaaf", "192.0.2.99"))!.ToString(), StringComparison.Ordinal);
        rig.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(await rig.PasswordAsync("tim@example.org", "tanstaaftanstaaf", "192.0.2.99"));
    }

    [Fact]
    public async Task Where_too_many_wait_one_more_is_told_to_come_later()
    {
        var workers = new PasswordWorkers(atOnce: 1, waiting: 1);
        using var rig = new LoginRig(workers: workers);
        var slow = ScramVerifier.Make("x", "0123456789abcdef"u8, ScramVerifier.LeastIterations);
        var tasks = Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await workers.MatchesAsync(slow, "x"))).ToList();
        var results = await Task.WhenAll(tasks);
        Assert.All(results, result => Assert.NotEqual(false, result));
        Assert.Contains(true, results);
        Assert.True(await workers.MatchesAsync(slow, "x"));

        var full = new PasswordWorkers(atOnce: 1, waiting: -1);
        using var other = new LoginRig(workers: full);
        Assert.Same(ReplyCatalogue.TooManyLogins, await other.PasswordAsync("tim@example.org", "tanstaaftanstaaf"));
    }

    [Fact]
    public async Task No_secret_is_logged_or_shown_in_a_text()
    {
        const string Secret = "s3cret-ïs-here";
        using var rig = new LoginRig();
        Question[] questions =
        [
            new PasswordQuestion("PLAIN", "tim@example.org", Secret, null),
            new PasswordQuestion("LOGIN", "tim@example.org", Secret, null),
            new TokenQuestion("OAUTHBEARER", "tim@example.org", Secret),
            new TokenQuestion("XOAUTH2", "tim@example.org", Secret),
            new ScramStartQuestion("SCRAM-SHA-256", "tim@example.org") { Verifier = LoginRig.Verifier(Secret), Nonce = Encoding.UTF8.GetBytes(Secret) },
            new ScramProofQuestion("SCRAM-SHA-256", "tim@example.org", null, false),
        ];
        foreach (var question in questions)
        {
            if (question is not TokenQuestion)
                await rig.AskAsync(question);
        }
        var all = string.Join('\n', rig.Logged.Concat(questions.Select(static question => question.ToString())));
        Assert.Contains("failed to be tim@example.org by LOGIN", all, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, all, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Secret)), all, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_from_a_peer_breaks_no_line_of_the_log()
    {
        Assert.Equal("a??b", LoginLog.Shown("a\r\nb"));
        Assert.Equal(101, LoginLog.Shown(new string('x', 500)).Length);
    }

    private static async Task<ScramStartQuestion> StartAsync(LoginRig rig, string user)
    {
        var question = new ScramStartQuestion("SCRAM-SHA-256", user);
        Assert.True((await rig.AskAsync(question)).IsAccepted);
        return question;
    }

    // Both accounts in one, which has a password and a certificate.
    private static void Change(LoginRig rig, Func<Account, Account> change)
    {
        rig.Write(change(new Account { Name = "tim@example.org", Password = LoginRig.Verifier("tanstaaftanstaaf"), Certificates = [LoginRig.Fingerprint] }));
        File.SetLastWriteTimeUtc(rig.File, File.GetLastWriteTimeUtc(rig.File).AddSeconds(rig.Logged.Count + 1));
        rig.Time.Advance(AccountStore.Interval);
    }

    private static async Task FailAsync(LoginRig rig, string user, string peer)
    {
        var answer = rig.StartAsync(new ScramProofQuestion("SCRAM-SHA-256", user, null, false), peer);
        // The delay is not waited for, or the failures would be forgotten by its end.
        Assert.False(answer.IsCompleted);
        await Task.CompletedTask;
    }
}
