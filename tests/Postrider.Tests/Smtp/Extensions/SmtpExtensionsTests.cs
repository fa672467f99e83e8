using Postrider.Smtp.Extensions;
using Postrider.Smtp.Server;

namespace Postrider.Tests.Smtp.Extensions;

public sealed class SmtpExtensionsTests
{
    [Fact]
    public void Two_owners_of_a_parameter_fail_at_start()
    {
        var error = Assert.Throws<ArgumentException>(() => new SmtpExtensions(new SizeExtension(), new Claimant("X-OTHER", "SIZE", "XVERB")));
        Assert.Contains("SIZE of MAIL", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_owners_of_a_verb_fail_at_start()
    {
        var error = Assert.Throws<ArgumentException>(() => new SmtpExtensions(new Claimant("X-OTHER", "X", "NOOP")));
        Assert.Contains("NOOP", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_extension_given_twice_fails_at_start() =>
        Assert.Throws<ArgumentException>(() => new SmtpExtensions(new PipeliningExtension(), new PipeliningExtension()));

    [Fact]
    public void SMTPUTF8_without_8BITMIME_fails_at_start() =>
        Assert.Throws<ArgumentException>(() => new SmtpExtensions(new SmtpUtf8Extension()));

    // EXPN is known to the table and not implemented, so an extension may bring it.
    [Theory]
    [InlineData("XVERB")]
    [InlineData("EXPN")]
    public void An_extension_adds_a_verb_and_raises_the_line(string verb)
    {
        var extensions = new SmtpExtensions(new Claimant("X-OTHER", "X-PARAM", verb));
        Assert.True(extensions.FindVerb("xverb"u8) is { IsImplemented: true } || extensions.FindVerb("expn"u8) is { IsImplemented: true });
        Assert.NotNull(extensions.FindParameter("MAIL", "X-PARAM"));
        Assert.Equal(100, extensions.CommandLineIncrease);
    }

    [Fact]
    public void The_line_is_as_long_as_the_RFCs_of_the_extensions_ask() =>
        // RCPT with NOTIFY and ORCPT (RFC 3461) is the longest.
        Assert.Equal(29 + 507, SmtpExtensions.Standard.CommandLineIncrease);

    private sealed class Claimant(string keyword, string parameter, string verb) : SmtpExtension(keyword)
    {
        internal override IReadOnlyList<Parameter> Parameters => [new("MAIL", parameter, 100, (_, _, _, _) => null)];

        internal override IReadOnlyList<Postrider.Smtp.Server.Verbs.Verb> Verbs =>
            [new(verb, Postrider.Smtp.Server.Verbs.VerbFlags.None, verb, "a test", (_, conversation) => Outcome.Say(conversation.Settings.Replies.Hello))];
    }
}
