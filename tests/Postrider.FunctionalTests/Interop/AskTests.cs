namespace Postrider.FunctionalTests.Interop;

/// <summary><c>postrider ask</c> puts its questions to a Postfix.</summary>
public sealed class AskTests
{
    [Fact]
    public async Task Postfix_answers()
    {
        await using var postfix = await PeerServer.PostfixMaildirAsync();
        async Task<CommandRun> AskAsync(params string[] question) => await CommandRun.OfAsync(["ask", postfix.EndPoint.ToString(), .. question]);

        // It does not look into mailboxes that it hands over, and knows no EXPN.
        var verified = await AskAsync("vrfy", "anna@example.org");
        Assert.Equal((0, "252 2.0.0 anna@example.org\n"), (verified.ExitCode, verified.Output));
        var expanded = await AskAsync("expn", "team");
        Assert.Equal(69, expanded.ExitCode);
        Assert.StartsWith("50", expanded.Output, StringComparison.Ordinal);
        // It offers SMTPUTF8, so that such a name is asked for with it.
        var foreign = await AskAsync("vrfy", "grün@example.org", "--show-dialogue");
        Assert.Contains("C: VRFY grün@example.org SMTPUTF8\n", foreign.Output, StringComparison.Ordinal);
        Assert.Equal(0, foreign.ExitCode);
    }
}
