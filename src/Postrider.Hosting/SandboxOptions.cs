namespace Postrider.Hosting;

/// <summary>How much mail the sandbox keeps; the oldest goes first.</summary>
public sealed class SandboxOptions
{
    /// <summary>How many messages. 5,000 unless set.</summary>
    public int Messages { get; set; } = 5000;

    /// <summary>How many octets. 500 MB unless set.</summary>
    public long Size { get; set; } = 500_000_000;
}
