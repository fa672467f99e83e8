using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Hosting;
using Postrider.Hosting.Greylisting;
using Postrider.Hosting.Reception;
using Postrider.Queue.Disk;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Tests.Hosting.Admission;

namespace Postrider.Tests.Hosting.Greylisting;

public sealed class GreylistedRecipientHandlerTests : IQuestionHandler<RecipientQuestion>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("postrider-greylist-").FullName;
    private Answer inner;

    [Theory]
    [InlineData("198.51.100.7", null, true)]
    [InlineData("198.51.100.7", "tim", false)]
    [InlineData("127.0.0.1", null, false)]
    public async Task Strangers_are_put_off_and_nobody_else(string client, string? account, bool isPutOff)
    {
        using var rig = new AdmissionRig(options => options.Greylist = new GreylistOptions());
        var handler = new GreylistedRecipientHandler(new Greylist(), rig.Settings, rig.Tally, rig.Time, this);
        Assert.Equal(isPutOff, !(await AskAsync(handler, rig, client, account)).IsAccepted);
        Assert.Equal(isPutOff ? 1 : 0, rig.Lines.Count);
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.True((await AskAsync(handler, rig, client, account)).IsAccepted);
    }

    [Fact]
    public async Task It_is_off_unless_it_is_asked_for()
    {
        using var rig = new AdmissionRig();
        Assert.True((await AskAsync(new GreylistedRecipientHandler(new Greylist(), rig.Settings, rig.Tally, rig.Time, this), rig, "198.51.100.7")).IsAccepted);
    }

    [Fact]
    public async Task Who_is_refused_for_good_is_not_put_off()
    {
        using var rig = new AdmissionRig(options => options.Greylist = new GreylistOptions());
        inner = Answer.Refuse(ReplyCatalogue.RelayingDenied);
        var answer = await AskAsync(new GreylistedRecipientHandler(new Greylist(), rig.Settings, rig.Tally, rig.Time, this), rig, "198.51.100.7");
        Assert.Equal(550, answer.Reply!.Code);
    }

    [Fact]
    public async Task It_survives_a_restart()
    {
        using var rig = new AdmissionRig(options => options.Greylist = new GreylistOptions());
        using var data = new DataFolder(folder, "test");
        await ServeAsync(data, rig, expected: 451);
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        await ServeAsync(data, rig, expected: 250);
        Assert.True(File.Exists(Path.Combine(folder, "greylist")));

        // One that is damaged is begun anew, and a file half written of a crash is no hindrance.
        await File.WriteAllTextAsync(Path.Combine(folder, "greylist"), "garbage");
        await File.WriteAllTextAsync(Path.Combine(folder, "greylist.new"), "half");
        await ServeAsync(data, rig, expected: 451);
        Assert.StartsWith("postrider greylist 1\nw ", await File.ReadAllTextAsync(Path.Combine(folder, "greylist")), StringComparison.Ordinal);
    }

    ValueTask<Answer> IQuestionHandler<RecipientQuestion>.AnswerAsync(RecipientQuestion question, ReceptionSession session) => new(inner);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task ServeAsync(DataFolder data, AdmissionRig rig, int expected)
    {
        var greylist = new Greylist();
        using var file = new GreylistFile(greylist, data, new UnixDisk(), rig.Time, NullLogger<GreylistFile>.Instance);
        await file.StartAsync(default);
        var answer = await AskAsync(new GreylistedRecipientHandler(greylist, rig.Settings, rig.Tally, rig.Time, this), rig, "198.51.100.7");
        Assert.Equal(expected, answer.Reply?.Code ?? 250);
        await file.StopAsync(default);
    }

    private static async Task<Answer> AskAsync(GreylistedRecipientHandler handler, AdmissionRig rig, string client, string? account = null)
    {
        var session = new ReceptionSession(rig.Settings.Policy) { Facts = AdmissionRig.Peer(client, account) };
        return await handler.AnswerAsync(
            new RecipientQuestion(new ReversePath(new Mailbox("a", "b.example")), new EnvelopeRecipient(new Mailbox("c", "local.example"))), session);
    }
}
