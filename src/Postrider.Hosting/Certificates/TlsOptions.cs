namespace Postrider.Hosting.Certificates;

/// <summary>What the server shows and trusts under TLS.</summary>
public sealed class TlsOptions
{
    /// <summary>The certificates; a client gets the one for the name that it asks for, and the first otherwise. A sandbox without any makes its own.</summary>
    public IList<CertificateOptions> Certificates { get; set; } = [];

    /// <summary>A PEM file of the authorities whose client certificates are trusted; those of the system when null, as at first.</summary>
    public string? ClientAuthorities { get; set; }
}
