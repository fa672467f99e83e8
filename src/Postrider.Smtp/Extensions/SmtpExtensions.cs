namespace Postrider.Smtp.Extensions;

/// <summary>The service extensions that a server offers (RFC 5321 §2.2). Immutable.</summary>
public sealed class SmtpExtensions
{
    /// <summary>All that are built in: SIZE, 8BITMIME, ENHANCEDSTATUSCODES, PIPELINING, SMTPUTF8.</summary>
    public static SmtpExtensions Standard { get; } = new();
}
