using Postrider.Smtp.Content;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Server;

namespace Postrider.Testing.Servers;

/// <summary>A message that an <see cref="SmtpTestServer"/> has accepted.</summary>
/// <param name="Envelope">Sender and recipients.</param>
/// <param name="Content">The octets of the content as they came, without stuffed dots.</param>
/// <param name="Facts">What the scan found in the content.</param>
/// <param name="Session">The session it came in.</param>
public sealed record ReceivedMail(Envelope Envelope, ReadOnlyMemory<byte> Content, ContentFacts Facts, SessionFacts Session);
