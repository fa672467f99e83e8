namespace Postrider.Smtp.Extensions;

/// <summary>HELP as a keyword of EHLO (RFC 5321 §4.1.1.8). The command itself every server has.</summary>
public sealed class HelpExtension : SmtpExtension
{
    /// <summary>Lists it to everybody.</summary>
    public HelpExtension()
        : base("HELP")
    {
    }
}
