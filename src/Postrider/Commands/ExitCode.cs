namespace Postrider.Commands;

/// <summary>What the program returns, as sysexits.h names it.</summary>
internal static class ExitCode
{
    /// <summary>All is done.</summary>
    public const int Ok = 0;

    /// <summary>EX_USAGE: the command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>EX_DATAERR: what is to be sent is wrong.</summary>
    public const int Data = 65;

    /// <summary>EX_NOINPUT: a file is missing or cannot be read.</summary>
    public const int NoInput = 66;

    /// <summary>EX_UNAVAILABLE: the server refused it for good, or an address or folder cannot be had.</summary>
    public const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: an error of this program.</summary>
    public const int Software = 70;

    /// <summary>EX_TEMPFAIL: not now; the same may succeed later.</summary>
    public const int TemporaryFailure = 75;

    /// <summary>EX_PROTOCOL: the other side does not speak SMTP as it should.</summary>
    public const int Protocol = 76;

    /// <summary>EX_NOPERM: the server does not let this user in.</summary>
    public const int NoPermission = 77;

    /// <summary>EX_CONFIG: the configuration is wrong.</summary>
    public const int Configuration = 78;
}
