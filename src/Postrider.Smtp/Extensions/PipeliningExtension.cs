namespace Postrider.Smtp.Extensions;

/// <summary>
/// PIPELINING (RFC 2920). It is inherent in session and pump: a session goes through all the input it
/// has, its state moves only as each command is answered, and replies leave together.
/// </summary>
public sealed class PipeliningExtension : SmtpExtension
{
    /// <summary>Offers it.</summary>
    public PipeliningExtension()
        : base("PIPELINING")
    {
    }
}
