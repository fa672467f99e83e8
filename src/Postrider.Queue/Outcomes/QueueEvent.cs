using Postrider.Queue.Spool;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Envelopes;

namespace Postrider.Queue.Outcomes;

/// <summary>Something that happened to queued mail. Log, trace and metrics are made of these.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope it happened to.</param>
/// <param name="Message">The message that belongs to.</param>
public abstract record QueueEvent(DateTimeOffset Time, SpoolId Id, SpoolId Message);

/// <summary>An envelope is on stable storage: accepted from outside, or made here.</summary>
/// <param name="Time">When.</param>
/// <param name="Envelope">The envelope as it was stored.</param>
public sealed record EnvelopeAccepted(DateTimeOffset Time, NewEnvelope Envelope)
    : QueueEvent(Time, Envelope.Id, Envelope.Message);

/// <summary>What became of one recipient in one attempt; on stable storage when it is told.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope.</param>
/// <param name="Message">The message.</param>
/// <param name="NextHop">The key of its next hop.</param>
/// <param name="ReversePath">The sender.</param>
/// <param name="Recipient">The recipient.</param>
/// <param name="Status">What became of it; <see cref="DeliveryResult.Failed"/> where it was given up.</param>
/// <param name="Attempts">Attempts made, this one counted.</param>
/// <param name="Age">Time since the message was accepted.</param>
/// <param name="NextAttempt">When it is tried again, where it is deferred.</param>
/// <param name="IsExpired">Whether it was given up for its age.</param>
public sealed record AttemptEnded(
    DateTimeOffset Time,
    SpoolId Id,
    SpoolId Message,
    string NextHop,
    ReversePath ReversePath,
    EnvelopeRecipient Recipient,
    DeliveryStatus Status,
    int Attempts,
    TimeSpan Age,
    DateTimeOffset? NextAttempt,
    bool IsExpired) : QueueEvent(Time, Id, Message);

/// <summary>An entry is not tried, but waits until it is fetched.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope.</param>
/// <param name="Message">The message.</param>
/// <param name="NextHop">The key of its next hop.</param>
/// <param name="Reason">What it waits for.</param>
public sealed record FetchAwaited(DateTimeOffset Time, SpoolId Id, SpoolId Message, string NextHop, string Reason) : QueueEvent(Time, Id, Message);

/// <summary>A report was queued for the sender of a message.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope that failed.</param>
/// <param name="Message">The message that failed.</param>
/// <param name="Report">The envelope of the report.</param>
/// <param name="To">Whom it goes to.</param>
/// <param name="Recipients">How many recipients it reports on.</param>
public sealed record ReportQueued(DateTimeOffset Time, SpoolId Id, SpoolId Message, SpoolId Report, Mailbox To, int Recipients)
    : QueueEvent(Time, Id, Message);

/// <summary>A failure that nobody is told of: the sender is the null one (a bounce of a bounce), or has no route.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope that failed.</param>
/// <param name="Message">The message that failed.</param>
/// <param name="Recipients">How many recipients it concerns.</param>
/// <param name="Reason">Why there is no report.</param>
public sealed record ReportDropped(DateTimeOffset Time, SpoolId Id, SpoolId Message, int Recipients, string Reason)
    : QueueEvent(Time, Id, Message);

/// <summary>An entry was put on hold, by an operator or by the queue.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope.</param>
/// <param name="Message">The message.</param>
/// <param name="Reason">Why.</param>
public sealed record EntryHeld(DateTimeOffset Time, SpoolId Id, SpoolId Message, string Reason) : QueueEvent(Time, Id, Message);

/// <summary>An entry was released from hold.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope.</param>
/// <param name="Message">The message.</param>
public sealed record EntryReleased(DateTimeOffset Time, SpoolId Id, SpoolId Message) : QueueEvent(Time, Id, Message);

/// <summary>An operator deleted an entry.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope.</param>
/// <param name="Message">The message.</param>
/// <param name="Recipients">How many recipients were still open.</param>
public sealed record EntryDeleted(DateTimeOffset Time, SpoolId Id, SpoolId Message, int Recipients) : QueueEvent(Time, Id, Message);

/// <summary>The open recipients of an entry were sorted anew, each group into an envelope of its own.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope that was.</param>
/// <param name="Message">The message.</param>
/// <param name="Parts">The envelopes that are.</param>
public sealed record EntrySplit(DateTimeOffset Time, SpoolId Id, SpoolId Message, IReadOnlyList<SpoolId> Parts)
    : QueueEvent(Time, Id, Message);

/// <summary>Something went wrong inside, and what was done about it. Operators want to see each.</summary>
/// <param name="Time">When.</param>
/// <param name="Id">The envelope it concerns, or none.</param>
/// <param name="Message">Its message, or none.</param>
/// <param name="What">What went wrong.</param>
/// <param name="Cause">The exception behind it, or null.</param>
public sealed record QueueTrouble(DateTimeOffset Time, SpoolId Id, SpoolId Message, string What, Exception? Cause = null)
    : QueueEvent(Time, Id, Message);
