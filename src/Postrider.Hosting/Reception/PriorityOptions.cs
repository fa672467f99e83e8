using Postrider.Hosting.People;

namespace Postrider.Hosting.Reception;

/// <summary>That clients may say how urgent a message is (MT-PRIORITY, RFC 6710).</summary>
public sealed class PriorityOptions
{
    /// <summary>The name of the policy by which priorities are assigned, which EHLO shows: <c>MIXER</c>, <c>STANAG4406</c>, <c>NSEP</c> or another. None unless set.</summary>
    public string? Policy { get; set; }

    /// <summary>Who may have priorities above 0. Each account that has authenticated unless set.</summary>
    public AskOptions MayRaise { get; set; } = new() { Accounts = ["*"] };

    /// <summary>The highest priority that they may have, 0 to 9. 9 unless set.</summary>
    public int Highest { get; set; } = 9;

    /// <summary>What becomes of others who ask for more than 0: <c>lowered</c>, as at first, to 0, or <c>refused</c>.</summary>
    public string Others { get; set; } = "lowered";

    /// <summary>Whether the field <c>MT-Priority</c> in the header counts where the command says nothing, and tells other servers (RFC 6758). Not unless set.</summary>
    public bool HeaderField { get; set; }
}
