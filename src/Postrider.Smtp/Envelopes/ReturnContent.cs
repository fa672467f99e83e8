namespace Postrider.Smtp.Envelopes;

/// <summary>How much of the message a report of its failure gives back (RFC 3461 §4.3).</summary>
public enum ReturnContent : byte
{
    /// <summary>Nothing was said: as the server is used to.</summary>
    Unspecified = 0,

    /// <summary><c>RET=FULL</c>: the whole message.</summary>
    Full = 1,

    /// <summary><c>RET=HDRS</c>: its header fields.</summary>
    Headers = 2,
}
