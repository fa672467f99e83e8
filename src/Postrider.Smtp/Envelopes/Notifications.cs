namespace Postrider.Smtp.Envelopes;

/// <summary>Of what the sender wants to be told for a recipient (RFC 3461 §4.1). Without a word each server does as it is used to.</summary>
[Flags]
public enum Notifications : byte
{
    /// <summary>Nothing was said: failures are told, and delays where the server does so of itself.</summary>
    Unspecified = 0,

    /// <summary><c>NEVER</c>: of nothing. Stands alone.</summary>
    Never = 1,

    /// <summary><c>SUCCESS</c>: that the message was delivered.</summary>
    Success = 2,

    /// <summary><c>FAILURE</c>: that it was not, and will not be.</summary>
    Failure = 4,

    /// <summary><c>DELAY</c>: that it was not yet, for longer than usual.</summary>
    Delay = 8,
}
