using Postrider.Hosting.People;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>How high a priority peers may have, and whether the header says one.</summary>
internal sealed class PriorityRights(AskRights mayRaise, sbyte highest, bool readsField)
{
    /// <summary>Whether the header field counts, and is written (RFC 6758).</summary>
    public bool ReadsField { get; } = readsField;

    /// <summary>The highest priority that a peer may have.</summary>
    public sbyte HighestFor(SessionFacts facts) => mayRaise.MayAsk(facts) ? highest : (sbyte)0;
}
