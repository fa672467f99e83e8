using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Hosting.Accounts;
using Postrider.Hosting.Reception;
using Postrider.Hosting.Tokens;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;
using Postrider.Tests.Hosting.Accounts;

namespace Postrider.Tests.Hosting.Tokens;

public sealed class TokenTests : IDisposable
{
    private readonly LoginRig rig = new();
    private readonly Issuer issuer = new();
    private readonly IssuerKeys keys;
    private readonly TokenOptions options;

    public TokenTests()
    {
        options = new TokenOptions { Issuer = issuer.Address, Audience = "mail" };
        keys = new IssuerKeys(options, rig.Time, NullLogger<IssuerKeys>.Instance);
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task A_token_of_the_issuer_is_the_account_it_names(string algorithm)
    {
        var question = Question(issuer.Token(Claims(), algorithm));
        Assert.True((await AskAsync(question)).IsAccepted);
        Assert.Equal("tim@example.org", question.Account);
        Assert.True((await AskAsync(Question(issuer.Token(Claims(), algorithm), user: ""))).IsAccepted);
        Assert.Equal(2, issuer.Asked);
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("none")]
    [InlineData("RS512")]
    public async Task Other_algorithms_are_not_believed(string algorithm) => Assert.Equal(535, await CodeAsync(issuer.Token(Claims(), algorithm)));

    [Theory]
    [InlineData("iss", "https://elsewhere.example")]
    [InlineData("aud", "other")]
    [InlineData("exp", -61)]
    [InlineData("exp", null)]
    [InlineData("nbf", 120)]
    [InlineData("email", "nobody@example.org")]
    [InlineData("email", null)]
    [InlineData("email_verified", false)]
    public async Task A_claim_that_is_wrong_is_refused(string claim, object? value)
    {
        var claims = Claims();
        claims.Remove(claim);
        if (value is int seconds)
            claims[claim] = rig.Time.GetUtcNow().ToUnixTimeSeconds() + seconds;
        else if (value is not null)
            claims[claim] = value;
        Assert.Equal(535, await CodeAsync(issuer.Token(claims)));
    }

    [Fact]
    public async Task A_token_may_have_several_audiences_and_a_clock_that_differs_a_little()
    {
        var claims = Claims();
        claims["aud"] = new[] { "other", "mail" };
        claims["exp"] = rig.Time.GetUtcNow().ToUnixTimeSeconds() - 30;
        claims["nbf"] = rig.Time.GetUtcNow().ToUnixTimeSeconds() + 30;
        Assert.Equal(235, await CodeAsync(issuer.Token(claims)));
    }

    [Fact]
    public async Task What_was_changed_or_is_no_token_is_refused()
    {
        var good = issuer.Token(Claims());
        var other = Claims();
        other["email"] = "app";
        var parts = good.Split('.');
        Assert.Equal(535, await CodeAsync($"{parts[0]}.{issuer.Token(other).Split('.')[1]}.{parts[2]}"));
        Assert.Equal(535, await CodeAsync(issuer.Token(Claims(), more: new(StringComparer.Ordinal) { ["crit"] = new[] { "exp" } })));
        Assert.Equal(535, await CodeAsync(issuer.Token(Claims(), more: new(StringComparer.Ordinal) { ["kid"] = "enc" })));
        foreach (var text in (string[])["x", "a.b", "a.b.c", "e30.e30.", "e30.e30.AA==", "W10.e30.AAAA", $"{new string('W', 4000)}.e30.AAAA"])
            Assert.Equal(535, await CodeAsync(text));
    }

    [Fact]
    public async Task A_token_of_one_user_is_not_another_s()
    {
        Assert.False((await AskAsync(Question(issuer.Token(Claims()), user: "app"))).IsAccepted);
        Assert.True((await AskAsync(Question(issuer.Token(Claims()), user: "TIM@example.org"))).IsAccepted);
    }

    [Fact]
    public async Task A_new_key_is_fetched_but_not_for_every_stranger()
    {
        Assert.Equal(235, await CodeAsync(issuer.Token(Claims())));
        issuer.KeyId = "k2";
        Assert.Equal(535, await CodeAsync(issuer.Token(Claims())));
        Assert.Equal(2, issuer.Asked);
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(235, await CodeAsync(issuer.Token(Claims())));
        Assert.Equal(4, issuer.Asked);
    }

    [Fact]
    public async Task An_issuer_that_is_down_is_asked_again_later_and_its_old_keys_still_count()
    {
        issuer.IsDown = true;
        Assert.Equal(454, await CodeAsync(issuer.Token(Claims())));
        issuer.IsDown = false;
        Assert.Equal(454, await CodeAsync(issuer.Token(Claims())));
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(235, await CodeAsync(issuer.Token(Claims())));
        issuer.IsDown = true;
        rig.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(235, await CodeAsync(issuer.Token(Claims())));
    }

    [Fact]
    public async Task An_issuer_that_says_it_is_another_or_keeps_keys_in_the_clear_is_not_believed()
    {
        issuer.StatedAs = "https://elsewhere.example";
        Assert.Equal(454, await CodeAsync(issuer.Token(Claims())));
        issuer.StatedAs = issuer.Address;
        issuer.KeyAddress = "http://keys.example/keys";
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(454, await CodeAsync(issuer.Token(Claims())));
    }

    public void Dispose()
    {
        keys.Dispose();
        issuer.Dispose();
        rig.Dispose();
    }

    private static TokenQuestion Question(string token, string user = "tim@example.org") => new("OAUTHBEARER", user, token);

    private Dictionary<string, object> Claims() => new(StringComparer.Ordinal)
    {
        ["iss"] = issuer.Address,
        ["aud"] = "mail",
        ["email"] = "tim@example.org",
        ["exp"] = rig.Time.GetUtcNow().ToUnixTimeSeconds() + 600,
    };

    private async Task<int> CodeAsync(string token) => (await AskAsync(Question(token))).Reply?.Code ?? 235;

    private async Task<Answer> AskAsync(TokenQuestion question)
    {
        // A guard of its own for each question: what is tested here is the token, not the limit of failures.
        var log = new LoginLog(NullLogger<LoginLog>.Instance);
        var guard = new LoginGuard(rig.Settings, log, rig.Time);
        var handler = new TokenHandler(options, keys, rig.Store, guard, log, rig.Time);
        var answer = handler.AnswerAsync(question, new ReceptionSession(rig.Settings.Policy)).AsTask();
        while (!answer.IsCompleted)
        {
            await Task.WhenAny(answer, Task.Delay(1));
            if (!answer.IsCompleted && guard.Delayed > 0)
                rig.Time.Advance(LoginGuard.Delay);
        }
        return await answer;
    }
}
