using System.Buffers;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;

namespace Postrider.Tests.Smtp.Client;

/// <summary>When a client session may say TURN and ATRN, and with what; what it says is in the dialogues.</summary>
public sealed class ClientTurnTests
{
    private static readonly ClientSettings settings = new() { HelloName = "client.example" };

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("a\r\nMAIL FROM:<>")]
    [InlineData("bücher.example")]
    public void What_is_no_domain_is_not_said(string domain)
    {
        var session = Ready();
        Assert.Throws<ArgumentException>(() => session.Turn(["a.example", domain]));
        var commands = new ArrayBufferWriter<byte>();
        Assert.Equal(ClientStepKind.Ready, session.Advance([], commands).Kind);
        Assert.Equal(0, commands.WrittenCount);
    }

    [Fact]
    public void It_is_said_between_transactions_and_never_after_the_roles_have_changed()
    {
        Assert.Throws<InvalidOperationException>(() => new ClientSession(settings).Turn(null));
        var session = Ready();
        var envelope = new Envelope { ReversePath = new ReversePath(null), Recipients = [new EnvelopeRecipient(new Mailbox("a", "b.example"))] };
        session.Begin(new ClientTransaction(envelope, 1, false, settings));
        Assert.Throws<InvalidOperationException>(() => session.Turn(null));

        session = Ready();
        var commands = new ArrayBufferWriter<byte>();
        session.Turn(null);
        session.Advance([], commands);
        Assert.Equal(ClientStepKind.Turned, session.Advance("250 go on\r\n"u8, commands).Kind);
        Assert.Equal(EndingKind.Turned, session.Ending!.Kind);
        Assert.Throws<InvalidOperationException>(() => session.Turn(null));
        Assert.Throws<InvalidOperationException>(() => session.Begin(new ClientTransaction(envelope, 1, false, settings)));
    }

    private static ClientSession Ready()
    {
        var session = new ClientSession(settings);
        var commands = new ArrayBufferWriter<byte>();
        session.Advance("220 mx.example\r\n"u8, commands);
        Assert.Equal(ClientStepKind.Ready, session.Advance("250 mx.example\r\n"u8, commands).Kind);
        return session;
    }
}
