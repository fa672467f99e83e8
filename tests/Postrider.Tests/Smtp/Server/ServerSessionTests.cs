using System.Buffers;
using System.Net;
using System.Text;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Tls;

namespace Postrider.Tests.Smtp.Server;

/// <summary>The contract with the pump; what is said is in the dialogue scripts.</summary>
public sealed class ServerSessionTests
{
    private static readonly ServerSettings settings = new() { Hostname = "mx.example.org" };

    private readonly ArrayBufferWriter<byte> replies = new();
    private readonly ServerSession session = new(settings, new SessionFacts());

    [Fact]
    public void Input_is_not_taken_while_a_question_is_open()
    {
        Assert.Throws<InvalidOperationException>(() => session.Advance(new byte[1], replies));
        Assert.IsType<ConnectQuestion>(session.Start(replies).Question);
        Assert.Throws<InvalidOperationException>(() => session.Advance(new byte[1], replies));
        Assert.Throws<InvalidOperationException>(() => session.Start(replies));
    }

    [Fact]
    public void An_answer_without_a_question_is_an_error_of_the_caller()
    {
        session.Start(replies);
        session.Answer(default, replies);
        Assert.Throws<InvalidOperationException>(() => session.Answer(default, replies));
        Assert.Throws<ArgumentException>(() => session.BodyRefused(ReplyCatalogue.MessageAccepted));
        Assert.Throws<InvalidOperationException>(() => session.BodyRefused(ReplyCatalogue.NulInContent));
    }

    [Fact]
    public void A_question_is_asked_once_syntax_and_sequence_are_right_and_consumes_its_line()
    {
        Begin();
        var input = "NOOP\r\nMAIL FROM:<a@example.com> SIZE=5\r\nRCPT"u8.ToArray();
        var step = session.Advance(input, replies);
        Assert.Equal(StepKind.Ask, step.Kind);
        Assert.Equal(input.Length - 4, step.Consumed);
        var question = Assert.IsType<MailQuestion>(step.Question);
        Assert.Equal("a@example.com", question.ReversePath.ToString());
        Assert.Equal(5, question.DeclaredSize);
        step = session.Answer(Answer.Accept(), replies);
        Assert.Equal(new Step(StepKind.NeedInput, 0), step);
    }

    [Fact]
    public void A_body_is_compacted_in_place_and_named_by_its_place_in_the_input()
    {
        BeginMessage();
        var input = "..one\r\n..\r\n.\r\nRSET"u8.ToArray();
        var step = session.Advance(input, replies);
        Assert.Equal(StepKind.Body, step.Kind);
        Assert.Equal(".one\r\n.\r\n", Encoding.ASCII.GetString(input, step.BodyStart, step.BodyLength));
        Assert.True(session.IsInMessage);

        var rest = input[step.Consumed..];
        step = session.Advance(rest, replies);
        var end = Assert.IsType<EndOfMessageQuestion>(step.Question);
        Assert.Equal("RSET", Encoding.ASCII.GetString(rest[step.Consumed..]));
        Assert.Equal(9, end.Content.Length);
        Assert.True(session.IsInMessage);
        session.Answer(Answer.Accept(), replies);
        Assert.False(session.IsInMessage);
    }

    [Fact]
    public void The_deadline_is_that_of_a_body_while_one_is_under_way()
    {
        Begin();
        Assert.Equal(SessionDeadline.Command, session.Advance("MAIL"u8.ToArray(), replies).Deadline);
        session.Advance("MAIL FROM:<>\r\n"u8.ToArray(), replies);
        session.Answer(default, replies);
        session.Advance("RCPT TO:<b@example.org>\r\n"u8.ToArray(), replies);
        session.Answer(default, replies);
        session.Advance("DATA\r\n"u8.ToArray(), replies);
        Assert.Equal(SessionDeadline.Body, session.Answer(default, replies).Deadline);
        Assert.Equal(SessionDeadline.Body, session.Advance("."u8.ToArray(), replies).Deadline);
    }

    [Fact]
    public void A_refused_body_gives_no_more_slices_and_is_over_at_its_end()
    {
        BeginMessage();
        Assert.Equal(StepKind.Body, session.Advance("one\r\n"u8.ToArray(), replies).Kind);
        session.BodyRefused(new Reply(452, new(4, 3, 1), "Full"));
        var step = session.Advance("two\r\nthree"u8.ToArray(), replies);
        Assert.Equal(new Step(StepKind.NeedInput, 10) { Deadline = SessionDeadline.Body }, step);
        Assert.True(session.IsInMessage);
        step = session.Advance("\r\n.\r\n"u8.ToArray(), replies);
        Assert.Equal(new Step(StepKind.NeedInput, 5) { HasAdvanced = true }, step);
        Assert.False(session.IsInMessage);
        Assert.EndsWith("452 4.3.1 Full\r\n", Encoding.ASCII.GetString(replies.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void A_handler_that_ends_the_session_within_a_body_is_obeyed_at_its_end()
    {
        BeginMessage();
        session.Advance("one\r\n"u8.ToArray(), replies);
        session.BodyRefused(new Reply(421, new(4, 3, 0), "Broken"));
        Assert.Equal(StepKind.Close, session.Advance(".\r\nNOOP\r\n"u8.ToArray(), replies).Kind);
    }

    [Fact]
    public void A_closed_session_stays_closed_and_says_nothing_more()
    {
        BeginMessage();
        Assert.Equal(StepKind.Close, session.TimedOut(replies).Kind);
        Assert.True(session.IsInMessage);
        var said = replies.WrittenCount;
        Assert.Equal(new Step(StepKind.Close, 6), session.Advance("NOOP\r\n"u8.ToArray(), replies));
        Assert.Equal(StepKind.Close, session.ShuttingDown(replies).Kind);
        Assert.Equal(StepKind.Close, session.Answer(default, replies).Kind);
        Assert.Equal(said, replies.WrittenCount);
    }

    [Fact]
    public void After_the_peer_has_closed_nothing_is_asked()
    {
        BeginMessage();
        session.Advance("one\r\n"u8.ToArray(), replies);
        session.PeerClosed();
        Assert.True(session.IsInMessage);
        Assert.Equal(StepKind.Close, session.Advance(".\r\n"u8.ToArray(), replies).Kind);
    }

    [Fact]
    public void Facts_are_replaced_by_EHLO_and_HELO()
    {
        session.Start(replies);
        session.Answer(default, replies);
        var before = session.Facts;
        session.Advance("EHLO client.example\r\n"u8.ToArray(), replies);
        Assert.Null(before.PeerName);
        Assert.Equal("client.example", session.Facts.PeerName);
        Assert.Equal("ESMTP", session.Facts.ProtocolOf(AnEnvelope(false)));
        Assert.Equal("UTF8SMTP", session.Facts.ProtocolOf(AnEnvelope(true)));
        session.Advance("HELO [192.0.2.1]\r\n"u8.ToArray(), replies);
        Assert.Equal("[192.0.2.1]", session.Facts.PeerName);
        Assert.Equal("SMTP", session.Facts.ProtocolOf(AnEnvelope(false)));
    }

    [Theory]
    [InlineData(false, false, "ESMTP", "UTF8SMTP")]
    [InlineData(true, false, "ESMTPS", "UTF8SMTPS")]
    [InlineData(false, true, "ESMTPA", "UTF8SMTPA")]
    [InlineData(true, true, "ESMTPSA", "UTF8SMTPSA")]
    public void The_protocol_of_a_message_says_whether_TLS_and_an_account_were_behind_it(bool tls, bool account, string plain, string utf8)
    {
        var facts = new SessionFacts
        {
            IsExtended = true,
            Tls = tls ? new TlsFacts { Protocol = "TLSv1.3", CipherSuite = "TLS_AES_128_GCM_SHA256" } : null,
            Account = account ? "ada" : null,
        };
        Assert.Equal(plain, facts.ProtocolOf(AnEnvelope(false)));
        Assert.Equal(utf8, facts.ProtocolOf(AnEnvelope(true)));
    }

    [Fact]
    public void An_envelope_once_asked_about_does_not_change()
    {
        Begin();
        Accept("MAIL FROM:<>\r\n");
        Accept("RCPT TO:<a@example.org>\r\n");
        var step = session.Advance("DATA\r\n"u8.ToArray(), replies);
        var first = Assert.IsType<StartOfMessageQuestion>(step.Question).Envelope;
        session.Answer(Answer.Refuse(new Reply(451, new(4, 3, 0), "Not now")), replies);
        Accept("RCPT TO:<b@example.org>\r\n");
        Accept("RCPT TO:<c@example.org>\r\n");
        var second = Assert.IsType<StartOfMessageQuestion>(session.Advance("DATA\r\n"u8.ToArray(), replies).Question).Envelope;
        Assert.Single(first.Recipients);
        Assert.Equal("a b c", string.Join(' ', second.Recipients.Select(recipient => recipient.Mailbox.LocalPart)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("[1.2.3]")]
    [InlineData("mx.example.org\r\n250 ")]
    public void A_hostname_that_cannot_be_said_is_refused(string hostname) =>
        Assert.Throws<ArgumentException>(() => new ServerSettings { Hostname = hostname });

    [Fact]
    public void Limits_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServerLimits { CommandLine = 10 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServerLimits { MessageSize = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ServerLimits { CommandTimeout = TimeSpan.Zero });
    }

    private static Envelope AnEnvelope(bool utf8) => new() { ReversePath = default, Recipients = [], SmtpUtf8 = utf8 };

    private void Begin()
    {
        session.Start(replies);
        session.Answer(Answer.Accept(), replies);
        session.Advance("EHLO client.example\r\n"u8.ToArray(), replies);
    }

    private void BeginMessage()
    {
        Begin();
        Accept("MAIL FROM:<a@example.com>\r\n");
        Accept("RCPT TO:<b@example.org>\r\n");
        Accept("DATA\r\n");
        Assert.True(session.IsInMessage);
    }

    private void Accept(string command)
    {
        Assert.Equal(StepKind.Ask, session.Advance(Encoding.ASCII.GetBytes(command), replies).Kind);
        session.Answer(Answer.Accept(), replies);
    }

    [Fact]
    public void XCLIENT_replaces_what_is_known_of_the_peer_and_keeps_who_named_it()
    {
        var named = Converse("10.0.0.1", "XCLIENT ADDR=192.0.2.7 PORT=40112 NAME=spike.example.com LOGIN=tim HELO=h.example PROTO=ESMTP DESTADDR=192.0.2.1 DESTPORT=25\r\n");
        Assert.Equal(
            new SessionFacts
            {
                PeerAddress = IPAddress.Parse("192.0.2.7"),
                PeerPort = 40112,
                PeerHostname = "spike.example.com",
                PeerName = "h.example",
                IsExtended = true,
                LocalAddress = IPAddress.Parse("192.0.2.1"),
                LocalPort = 25,
                Account = "tim",
                NamedBy = IPAddress.Parse("10.0.0.1"),
            },
            named.Facts);
    }

    [Fact]
    public void An_address_that_is_not_known_is_no_client_on_this_machine() =>
        Assert.Equal(IPAddress.Any, Converse("10.0.0.1", "XCLIENT ADDR=[UNAVAILABLE]\r\n").Facts.PeerAddress);

    [Theory]
    [InlineData("", "192.0.2.7")]
    [InlineData("MAIL FROM:<a@b.example>\r\n", "192.0.2.7")]
    [InlineData("MAIL FROM:<a@b.example>\r\nRSET\r\n", null)]
    [InlineData("XFORWARD ADDR=[UNAVAILABLE]\r\n", "local")]
    public void What_XFORWARD_says_is_kept_to_the_end_of_the_transaction(string then, string? address)
    {
        var facts = Converse("10.0.0.1", "EHLO filter.example\r\nXFORWARD ADDR=192.0.2.7\r\nXFORWARD NAME=n.example SOURCE=LOCAL\r\n" + then).Facts;
        Assert.Equal(address, facts.Forwarded is null ? null : facts.Forwarded.Address ?? "local");
        Assert.Equal(facts.Forwarded is null ? null : "n.example", facts.Forwarded?.Name);
        Assert.Equal(IPAddress.Parse("10.0.0.1"), facts.PeerAddress);
    }

    // A session of a trusted proxy, each of whose questions is answered with yes.
    private ServerSession Converse(string peer, string said)
    {
        var proxies = new PeerNetworks(IPNetwork.Parse("10.0.0.0/8"));
        var talking = new ServerSession(
            new ServerSettings { Hostname = "mx.example.org", Extensions = SmtpExtensions.Standard.With(new XClientExtension(proxies)).With(new XForwardExtension(proxies)) },
            new SessionFacts { PeerAddress = IPAddress.Parse(peer) });
        var step = talking.Start(replies);
        var input = Encoding.ASCII.GetBytes(said).AsMemory();
        while (step.Kind == StepKind.Ask || !input.IsEmpty)
        {
            step = step.Kind == StepKind.Ask ? talking.Answer(default, replies) : talking.Advance(input.Span, replies);
            input = input[step.Consumed..];
        }
        return talking;
    }
}
