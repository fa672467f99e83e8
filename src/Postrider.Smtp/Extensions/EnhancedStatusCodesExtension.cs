namespace Postrider.Smtp.Extensions;

/// <summary>ENHANCEDSTATUSCODES (RFC 2034): a promise that the catalogue of replies keeps.</summary>
public sealed class EnhancedStatusCodesExtension : SmtpExtension
{
    /// <summary>Offers it.</summary>
    public EnhancedStatusCodesExtension()
        : base("ENHANCEDSTATUSCODES")
    {
    }
}
