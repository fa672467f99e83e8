namespace Postrider.Smtp.Server.Verbs;

/// <summary>What holds of a verb, whatever its argument.</summary>
[Flags]
internal enum VerbFlags
{
    None = 0,

    /// <summary>EHLO or HELO has succeeded (RFC 5321 §4.1.4).</summary>
    NeedsHello = 1,

    /// <summary>MAIL has succeeded.</summary>
    NeedsTransaction = 2,

    /// <summary>No transaction is open.</summary>
    NeedsNoTransaction = 4,

    /// <summary>Anything behind the verb is a mistake.</summary>
    NoArgument = 8,

    /// <summary>It brings no mail forward, and too many are refused.</summary>
    Idle = 16,

    /// <summary>It is answered even where the connection was refused (RFC 5321 §3.1).</summary>
    EvenIfRefused = 32,

    /// <summary>The peer has proven who it is, where the settings require that (RFC 4954 §6).</summary>
    NeedsAccount = 64,

    /// <summary>Its line may be as long as one of the dialogue that it begins.</summary>
    LongLine = 128,

    /// <summary>It is carried out in the clear even where TLS is required (RFC 3207 §4).</summary>
    BeforeTls = 256,

    /// <summary>No chunk of the content has come yet (RFC 3030 §2).</summary>
    BeforeChunks = 512,

    /// <summary>A server for on-demand relay has it, too (RFC 2645 §5.4).</summary>
    OnDemandRelay = 1024,
}

/// <summary>Reads how many octets follow the line of a command.</summary>
/// <param name="argument">What stands behind the verb, without spaces around it.</param>
/// <returns>The number, or -1: it cannot be read.</returns>
internal delegate long OctetCounter(ReadOnlySpan<byte> argument);

/// <summary>Carries out a command whose verb and sequence are right.</summary>
/// <param name="argument">What stands behind the verb, without spaces around it.</param>
/// <param name="conversation">The session.</param>
internal delegate Outcome VerbRunner(ReadOnlySpan<byte> argument, Conversation conversation);

/// <summary>A verb of SMTP: a row of <see cref="VerbTable"/>, or of an extension.</summary>
/// <param name="Name">In upper case, at most eight characters.</param>
/// <param name="Flags">What holds of it.</param>
/// <param name="Syntax">Verb and argument, for HELP.</param>
/// <param name="Source">The RFC and section that define it, for HELP.</param>
/// <param name="Run">Carries it out; null where it is known and not implemented.</param>
internal sealed record Verb(string Name, VerbFlags Flags, string Syntax, string Source, VerbRunner? Run)
{
    /// <summary>How many octets follow its line, whatever becomes of the command; null where none do.</summary>
    public OctetCounter? CountOctets { get; init; }

    public bool IsImplemented => Run is not null;

    public bool Has(VerbFlags flag) => (Flags & flag) != 0;

    /// <summary>A name as a number, without regard to case (RFC 5321 §2.4); 0 for what is no verb.</summary>
    public static ulong Pack(ReadOnlySpan<byte> name)
    {
        if (name.Length > 8)
            return 0;
        ulong packed = 0;
        foreach (var octet in name)
        {
            var upper = (byte)(octet & ~0x20);
            if (upper is < (byte)'A' or > (byte)'Z')
                return 0;
            packed = (packed << 8) | upper;
        }
        return packed;
    }
}
