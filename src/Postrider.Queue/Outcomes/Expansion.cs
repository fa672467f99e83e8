using Postrider.Mime.Headers;
using Postrider.Smtp.Envelopes;

namespace Postrider.Queue.Outcomes;

/// <summary>
/// Recipients that take the place of another: the members of a list, the targets of an alias or a forward. Each
/// becomes an envelope of the same message over the same body, in one commit with the end of the other (rules 1 and 2).
/// </summary>
/// <param name="Envelope">Its recipients, at least one, and who is told of failures: the sender, or a list's owner.</param>
/// <param name="NextHop">The key of their next hop.</param>
/// <param name="Edits">What is changed in the header block.</param>
public sealed record Expansion(Envelope Envelope, string NextHop, HeaderEdits Edits);
