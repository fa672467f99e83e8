namespace Postrider.Hosting.Certificates;

/// <summary>A certificate and its key, as PEM files. They are read again when they change.</summary>
public sealed class CertificateOptions
{
    /// <summary>The file of the certificate, with those of its chain behind it.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>The file of its private key, RSA or ECDSA, not encrypted; empty where it is in the same file.</summary>
    public string Key { get; set; } = "";
}
