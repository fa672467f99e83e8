using System.Buffers;
using System.Globalization;
using System.Text;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;
using Postrider.Smtp.Tls;

namespace Postrider.Tests.Smtp.Client;

/// <summary>
/// The client's session against the server's, with no network: whatever policy answers and however the
/// bytes are cut, both sides agree on who got which message, octet for octet.
/// </summary>
public sealed class ClientAgainstServerTests
{
    [Fact]
    public void Both_sides_agree_on_every_recipient_and_octet()
    {
        var accepted = 0;
        for (var seed = 0; seed < 5_000; seed++)
        {
            try
            {
                accepted += new Conversation(new Random(seed)).Run();
            }
            catch (Exception problem)
            {
                throw new InvalidOperationException($"Seed {seed}: {problem.Message}", problem);
            }
        }
        // The run is about mail that goes through, too.
        Assert.InRange(accepted, 3_000, int.MaxValue);
    }

    private sealed class Conversation
    {
        private static readonly TlsFacts facts = new()
        {
            Protocol = "TLSv1.3",
            CipherSuite = "TLS_AES_256_GCM_SHA384",
            PeerCertificate = new TlsPeerCertificate { Subject = "CN=mx.example", Fingerprint = new string('0', 64), IsTrusted = true, NamesHost = true },
        };

        private static readonly DateTimeOffset start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

        private readonly Random random;
        private readonly ServerSession server;
        private readonly ClientSession client;
        private readonly ClientSettings clientSettings;
        private readonly ArrayBufferWriter<byte> replies = new();
        private readonly ArrayBufferWriter<byte> commands = new();
        private readonly MemoryStream body = new();
        private readonly List<(Envelope Envelope, string Content)> taken = [];
        private readonly int refusals;
        private byte[] toServer = [];
        private byte[] toClient = [];
        private readonly TlsDemand demand;
        private bool serverClosed;
        private bool serverWaitsForTls;
        private bool serverTurned;
        private readonly bool offersReports;
        private int sent;

        public Conversation(Random random)
        {
            this.random = random;
            refusals = random.Next(3) == 0 ? 0 : random.Next(2, 12);
            demand = (TlsDemand)random.Next(4);
            List<SmtpExtension> offered = [];
            if (random.Next(2) == 0)
                offered.Add(new PipeliningExtension());
            if (random.Next(2) == 0)
                offered.Add(new SizeExtension());
            if (random.Next(2) == 0)
                offered.Add(new LimitsExtension());
            if (random.Next(2) == 0)
                offered.Add(new EnhancedStatusCodesExtension());
            if (random.Next(2) == 0)
                offered.Add(new StartTlsExtension());
            if (random.Next(2) == 0)
                offered.Add(new RequireTlsExtension());
            if (random.Next(2) == 0)
                offered.AddRange([new EightBitMimeExtension(), new SmtpUtf8Extension(), new ChunkingExtension(), new BinaryMimeExtension()]);
            if (random.Next(2) == 0)
                offered.Add(new FutureReleaseExtension(TimeSpan.FromHours(1)));
            if (random.Next(2) == 0)
                offered.Add(new DeliverByExtension(TimeSpan.FromSeconds(random.Next(2) * 60)));
            if (random.Next(2) == 0)
                offered.Add(new MtPriorityExtension("MIXER", static _ => 4));
            if (random.Next(2) == 0)
                offered.AddRange([new TurnExtension(static _ => true), new AtrnExtension(static _ => true, isListedToAll: true)]);
            offersReports = random.Next(2) == 0;
            if (offersReports)
                offered.Add(new DsnExtension());
            server = new ServerSession(
                new ServerSettings
                {
                    Hostname = "mx.example",
                    Extensions = new SmtpExtensions([.. offered]),
                    Limits = new ServerLimits { Recipients = random.Next(1, 8), MessageSize = random.Next(4) == 0 ? 100 : 0, Errors = random.Next(3, 30) },
                },
                new SessionFacts { Began = start });
            clientSettings = new ClientSettings
            {
                HelloName = "client.example",
                Extensions = [new StartTlsClientExtension(demand), .. ClientExtension.Standard],
                Limits = new ClientLimits { MaxGroupOctets = random.Next(1, 400) },
            };
            client = new ClientSession(clientSettings);
        }

        public int Run()
        {
            Serve(server.Start(replies));
            var messages = random.Next(1, 5);
            var count = 0;
            Drive();
            for (var i = 0; i < messages; i++)
            {
                var (envelope, content) = MakeMessage(i);
                taken.Clear();
                sent = 0;
                client.Begin(new ClientTransaction(envelope, content.Length, content.Any(c => c > 127), clientSettings));
                Drive(content);
                count += Compare(envelope, content);
                if (client.Ending is not null)
                    return count;
            }
            if (random.Next(3) == 0)
            {
                client.Turn(random.Next(2) == 0 ? null : ["y.example"]);
                Drive();
                // Both sides agree on who is what from here on, and nothing is left of what was said before.
                Assert.Equal(client.Ending is { Kind: EndingKind.Turned }, serverTurned);
                Assert.Equal(client.TurnReply?.IsPositive == true, serverTurned);
                if (serverTurned)
                    Assert.True(toClient.Length == 0 && toServer.Length == 0);
                if (client.Ending is not null)
                    return count;
            }
            client.Quit();
            Drive();
            Assert.Equal(EndingKind.Quit, client.Ending!.Kind);
            Assert.True(serverClosed);
            return count;
        }

        private int Compare(Envelope envelope, string content)
        {
            var result = client.Result!;
            var accepted = envelope.Recipients.Where((_, i) => result.Recipients[i].Verdict == RecipientVerdict.Accepted).ToList();
            Assert.DoesNotContain(result.Recipients, recipient => recipient.MayHaveArrived);
            if (accepted.Count == 0)
            {
                Assert.Empty(taken);
                return 0;
            }
            var (arrived, octets) = Assert.Single(taken);
            Assert.Equal(server.Facts.Tls, client.Tls);
            Assert.True(client.Tls is not null || demand < TlsDemand.Required);
            Assert.Equal(offersReports ? accepted : accepted.ConvertAll(recipient => new EnvelopeRecipient(recipient.Mailbox)), arrived.Recipients);
            Assert.Equal(offersReports ? (envelope.Return, envelope.EnvelopeId) : default, (arrived.Return, arrived.EnvelopeId));
            Assert.Equal(envelope.ReversePath, arrived.ReversePath);
            Assert.Equal(envelope.Tls, arrived.Tls);
            CompareWishes(envelope, arrived);
            Assert.Equal(content, octets);
            return 1;
        }

        // What is to be kept, or returned, arrives as such or not at all; of what the sender is merely told it may be left out.
        private void CompareWishes(Envelope envelope, Envelope arrived)
        {
            Assert.Equal(envelope.Release, arrived.Release);
            if (envelope.DeliverBy is { IsReturned: true } || client.Peer!.Offers("DELIVERBY"))
                Assert.Equal(envelope.DeliverBy, arrived.DeliverBy);
            else
                Assert.Null(arrived.DeliverBy);
            Assert.Equal(client.Peer!.Offers("MT-PRIORITY") && envelope.Priority is { } priority ? Math.Min((sbyte)4, priority) : null, arrived.Priority);
        }

        private (Envelope Envelope, string Content) MakeMessage(int number)
        {
            var isEightBit = random.Next(5) == 0;
            var isBinary = random.Next(5) == 0;
            var content = new StringBuilder("Subject: test\r\n\r\n");
            for (var i = random.Next(10); i > 0; i--)
                content.Append(new string(random.GetItems((isBinary ? "..\r\n\0\u00fc" : isEightBit ? "..a\u00fc" : "..ab").AsSpan(), random.Next(6)))).Append("\r\n");
            var recipients = Enumerable.Range(0, random.Next(1, 10)).Select(i => new EnvelopeRecipient(new Mailbox(
                string.Create(CultureInfo.InvariantCulture, $"r{number}{(i % 4 == 3 ? " \"" : ".")}{i}"),
                i % 5 == 4 ? "[192.0.2.1]" : "y.example"))
            {
                Notify = (Notifications)(random.Next(2) == 0 ? random.Next(2) : 2 * random.Next(8)),
                OriginalRecipient = random.Next(3) == 0 ? new OriginalRecipient("rfc822", Printable(40)) : random.Next(3) == 0 ? new OriginalRecipient("utf-8", "j\u00fcrgen\\+=@\U0001f4ee.example") : null,
            });
            return (new Envelope
            {
                ReversePath = random.Next(4) == 0 ? ReversePath.Null : new ReversePath(new Mailbox("a", "x.example")),
                Recipients = [.. recipients],
                Body = isBinary ? BodyType.BinaryMime : isEightBit ? BodyType.EightBitMime : BodyType.SevenBit,
                SmtpUtf8 = random.Next(8) == 0,
                Tls = random.Next(6) == 0 ? TlsWish.Required : TlsWish.Unspecified,
                Return = (ReturnContent)random.Next(3),
                EnvelopeId = random.Next(2) == 0 ? Printable(30) : null,
                Release = random.Next(8) > 0 ? null : random.Next(2) == 0 ? new FutureRelease { After = TimeSpan.FromSeconds(random.Next(1, 4000)) } : new FutureRelease { At = start.AddSeconds(random.Next(1, 4000)) },
                DeliverBy = random.Next(4) > 0 ? null : random.Next(2) == 0 ? new DeliverBy(TimeSpan.FromSeconds(random.Next(1, 120)), true, random.Next(2) == 0) : new DeliverBy(TimeSpan.FromSeconds(random.Next(-120, 120)), false, random.Next(2) == 0),
                Priority = random.Next(2) == 0 ? (sbyte)random.Next(-9, 10) : null,
            }, content.ToString());
        }

        private string Printable(int most) =>
            string.Concat(Enumerable.Range(0, random.Next(1, most)).Select(_ => (char)random.Next(' ', '~' + 1)));

        // Carries bytes both ways until the client waits for its owner.
        private void Drive(string content = "")
        {
            for (var turn = 0; turn < 100_000; turn++)
            {
                var piece = toClient[..random.Next(toClient.Length + 1)];
                var step = client.Advance(piece, commands);
                toClient = toClient[step.Consumed..];
                toServer = [.. toServer, .. commands.WrittenSpan];
                commands.ResetWrittenCount();
                switch (step.Kind)
                {
                    case ClientStepKind.UpgradeTls:
                        Assert.True(serverWaitsForTls);
                        Assert.Empty(toServer);
                        Assert.Empty(toClient);
                        serverWaitsForTls = false;
                        client.TlsEstablished(facts);
                        Serve(server.TlsEstablished(facts));
                        break;
                    case ClientStepKind.Work:
                        client.Work!();
                        client.WorkDone();
                        break;
                    case ClientStepKind.SendBody:
                        SendBlock(content);
                        break;
                    case ClientStepKind.TransactionDone:
                    case ClientStepKind.Ready when toClient.Length == 0:
                    case ClientStepKind.Turned:
                    case ClientStepKind.Closed:
                        if (step.Kind == ClientStepKind.Closed && client.Ending!.Kind != EndingKind.Quit)
                            server.PeerClosed();
                        return;
                }
                if (serverClosed && toClient.Length == 0)
                    client.Abandon(EndingKind.Lost);
                FeedServer();
            }
            Assert.Fail("The dialogue does not end.");
        }

        private void SendBlock(string content)
        {
            var length = random.Next(1, content.Length - sent + 1);
            var framing = client.Framing;
            var buffer = new byte[framing.BufferFor(length)];
            Encoding.Latin1.GetBytes(content.AsSpan(sent, length), buffer.AsSpan(framing.HeadLength));
            sent += length;
            toServer = [.. toServer, .. buffer[framing.Frame(buffer, length, isLast: sent == content.Length)]];
            if (sent == content.Length)
                client.BodySent();
        }

        private void FeedServer()
        {
            if (serverClosed || serverWaitsForTls || serverTurned || toServer.Length == 0)
                return;
            var piece = toServer[..random.Next(1, toServer.Length + 1)];
            var used = 0;
            while (!serverClosed)
            {
                var input = piece.AsSpan(used);
                var step = server.Advance(input, replies);
                if (step.Kind == StepKind.Body)
                    body.Write(input.Slice(step.BodyStart, step.BodyLength));
                used += step.Consumed;
                Serve(step);
                if (step.Kind == StepKind.NeedInput || serverWaitsForTls || serverTurned)
                    break;
            }
            toServer = toServer[used..];
        }

        private void Serve(Step step)
        {
            while (step.Kind == StepKind.Ask)
                step = server.Answer(Decide(step.Question!), replies);
            toClient = [.. toClient, .. replies.WrittenSpan];
            replies.ResetWrittenCount();
            serverClosed |= step.Kind == StepKind.Close;
            serverWaitsForTls |= step.Kind == StepKind.UpgradeTls;
            serverTurned |= step.Kind == StepKind.Turn;
        }

        private Answer Decide(Question question)
        {
            var isRefused = question is not ConnectQuestion && refusals > 0 && random.Next(refusals) == 0;
            if (question is StartOfMessageQuestion)
                body.SetLength(0);
            if (isRefused)
            {
                var code = random.Next(10) == 0 ? 421 : random.Next(2) == 0 ? 451 : 554;
                return Answer.Refuse(new Reply(code, new EnhancedStatusCode((byte)(code / 100), 7, 1), "no"));
            }
            if (question is EndOfMessageQuestion end)
                taken.Add((end.Envelope, Encoding.Latin1.GetString(body.ToArray())));
            return Answer.Accept();
        }
    }
}
