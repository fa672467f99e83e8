namespace Postrider.Smtp.Replies;

// What is said to peers that fetch their mail by ETRN (RFC 1985 §5.3).
public static partial class ReplyCatalogue
{
    /// <summary>ETRN, and the queue has been started for the domain just now; open: the node.</summary>
    public static ReplyTemplate QueuingForNode { get; } = new(250, new(2, 0, 0), "OK, queuing for node {0} started");

    /// <summary>ETRN, where policy says no more.</summary>
    public static Reply QueuingStarted { get; } = new(250, new(2, 0, 0), "OK, queuing started");

    /// <summary>ETRN, and nothing waits (RFC 1985 §5.3); open: the node.</summary>
    public static ReplyTemplate NoMailForNode { get; } = new(251, new(2, 0, 0), "OK, no messages waiting for node {0}");

    /// <summary>ETRN of a peer that has not proven who it is: something waits, and how much is not told; open: the node.</summary>
    public static ReplyTemplate MailForNode { get; } = new(252, new(2, 0, 0), "OK, pending messages for node {0} started");

    /// <summary>ETRN of a peer that has proven who it is; open: the number, and behind it "pending messages for node" and the node.</summary>
    public static ReplyTemplate CountedForNode { get; } = new(253, new(2, 0, 0), "OK, {0} started");

    /// <summary>ETRN, and the queue is being started for as many domains as may be; open: the node.</summary>
    public static ReplyTemplate CannotQueue { get; } = new(458, new(4, 3, 2), "Unable to queue messages for node {0} now, try again later");

    /// <summary>ETRN for a domain whose mail goes nowhere by itself; open: the node.</summary>
    public static ReplyTemplate NoHostForNode { get; } = new(458, new(4, 4, 4), "Unable to queue messages for node {0}: it has no host, its mail is fetched by ATRN or TURN");

    /// <summary>ETRN of a peer that may not fetch the mail of the domain, whether it is queued here or not; open: the node.</summary>
    public static ReplyTemplate NodeNotAllowed { get; } = new(459, new(4, 7, 1), "Node {0} not allowed: it is none of those whose mail you may fetch");

    /// <summary>ETRN without a domain, or with what is none.</summary>
    public static Reply EtrnSyntax { get; } = new(501, new(5, 5, 4), "Syntax: ETRN [@]domain");

    /// <summary>ETRN for a queue with a name (RFC 1985 §5.2), which no queue has here.</summary>
    public static Reply NoNamedQueues { get; } = new(504, new(5, 5, 4), "No queue has a name here: give a domain, or @domain");
}
