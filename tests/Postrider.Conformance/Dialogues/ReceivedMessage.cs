using Postrider.Smtp.Content;
using Postrider.Smtp.Envelopes;

namespace Postrider.Conformance.Dialogues;

/// <summary>A message that a session put to policy, whatever the answer.</summary>
/// <param name="Envelope">Its envelope.</param>
/// <param name="Content">Its octets as they were handed on.</param>
/// <param name="Facts">What the scan said of them.</param>
/// <param name="Protocol">The word behind <c>with</c> in its Received field.</param>
public sealed record ReceivedMessage(Envelope Envelope, byte[] Content, ContentFacts Facts, string Protocol)
{
    /// <summary>The envelope in one line, as a dialogue script has it.</summary>
    public string Describe() =>
        $"from=<{Envelope.ReversePath}> to={string.Join(',', Envelope.Recipients.Select(r => $"<{r.Mailbox}>"))} body={Envelope.Body} with={Protocol}{(Envelope.Tls == TlsWish.Unspecified ? "" : $" tls={Envelope.Tls}")}{(Envelope.Mode == DeliveryMode.Mailbox ? "" : $" mode={Envelope.Mode}")}{DescribeWishes()}";

    private string DescribeWishes() => string.Concat(
        Envelope.Release is { } release ? release.After is { } after ? $" hold={after.TotalSeconds}" : $" until={release.At:O}" : "",
        Envelope.DeliverBy is { } by ? $" by={by.Time.TotalSeconds};{(by.IsReturned ? 'R' : 'N')}{(by.IsTraced ? "T" : "")}" : "",
        Envelope.Priority is { } priority ? $" priority={priority}" : "");
}
