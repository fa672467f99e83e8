namespace Postrider.Smtp.Replies;

// What is said for a connection as a whole, before or around the session.
public static partial class ReplyCatalogue
{
    /// <summary>The greeting of a host that takes no mail (RFC 7504 §3); open: its name.</summary>
    public static ReplyTemplate TakesNoMail { get; } = new(521, new(5, 3, 2), "{0} takes no mail");

    /// <summary>limits.connections: as many as may be are served.</summary>
    public static Reply TooManyConnections { get; } = new(421, new(4, 3, 2), "Too many connections, try again later");

    /// <summary>The server cannot begin a session: a fault of its own, told at the greeting.</summary>
    public static Reply CannotServe { get; } = new(421, new(4, 3, 0), "Local error in processing, try again later");

    /// <summary>A command failed by a fault of the server's own.</summary>
    public static Reply LocalError { get; } = new(451, new(4, 3, 0), "Local error in processing, try again later");

    /// <summary>The client sent commands before the greeting (RFC 5321 §3.1, §4.3.1: the greeting is to be waited for).</summary>
    public static Reply SpokeFirst { get; } = new(554, new(5, 5, 1), "You spoke before you were greeted");

    /// <summary>limits.sessionMemory is used up: a transaction gets no more recipients than it has (RFC 5321 §4.5.3.1.10).</summary>
    public static Reply NoRoomForRecipient { get; } = new(452, new(4, 3, 1), "Too many recipients at a time: send this one in another transaction");

    /// <summary>limits.connectionsPerAddress.</summary>
    public static Reply TooManyFromAddress { get; } = new(421, new(4, 7, 0), "Too many connections from your address, try again later");

    /// <summary>limits.connectionsPerNetwork.</summary>
    public static Reply TooManyFromNetwork { get; } = new(421, new(4, 7, 0), "Too many connections from your network, try again later");

    /// <summary>limits.connectionRate.</summary>
    public static Reply ConnectingTooFast { get; } = new(421, new(4, 7, 0), "Too many new connections from your address, try again later");
}
