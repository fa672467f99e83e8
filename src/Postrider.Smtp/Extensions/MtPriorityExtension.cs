using System.Buffers;
using System.Globalization;
using System.Text;
using Postrider.Smtp.Client;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// MT-PRIORITY (RFC 6710): the sender says how urgent a message is beside others, -9 to 9. Anybody may have less than 0;
/// how much more a peer may have is policy's to say.
/// </summary>
public sealed class MtPriorityExtension : SmtpExtension
{
    internal const string Name = "MT-PRIORITY";

    private readonly string? policy;
    private readonly Func<SessionFacts, sbyte> highest;
    private readonly bool refuses;

    /// <summary>Offers it.</summary>
    /// <param name="policy">The name of the policy by which priorities are assigned (RFC 6710), such as MIXER; null for none.</param>
    /// <param name="highest">The highest priority that a peer may have, 0 to 9; any thread, at once.</param>
    /// <param name="refuses">Whether a peer that may have no more than 0 and asks for it is refused; else it gets what it may have.</param>
    public MtPriorityExtension(string? policy, Func<SessionFacts, sbyte> highest, bool refuses = false)
        : base(Name)
    {
        this.policy = policy;
        this.highest = highest;
        this.refuses = refuses;
        // RFC 6710 §3: 15 octets more for MAIL.
        Parameters = [new("MAIL", Name, 15, Read) { Syntax = $"{Name}=number" }];
    }

    internal override IReadOnlyList<Parameter> Parameters { get; }

    internal override string? Offer(ServerSettings settings, SessionFacts facts) => policy is null ? Keyword : $"{Keyword} {policy}";

    private Reply? Read(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        if (!TryRead(value, out var asked))
            return ReplyCatalogue.ParameterValue.With($"{Name} takes a number from -9 to 9");
        var most = Math.Max((sbyte)0, highest(conversation.Facts));
        if (asked > most && most == 0 && refuses)
            return ReplyCatalogue.PriorityDenied;
        if (asked > most)
        {
            // RFC 6710 §4.1: the new priority stands first in the text.
            transaction.Notice = ReplyCatalogue.PriorityLowered.With(most.ToString(CultureInfo.InvariantCulture));
            asked = most;
        }
        transaction.Priority = asked;
        return null;
    }

    // RFC 6710: ["-"] NZDIGIT / "0".
    private static bool TryRead(ReadOnlySpan<byte> value, out sbyte priority)
    {
        var isNegative = value is [(byte)'-', ..];
        priority = 0;
        if (value is not ([>= (byte)'0' and <= (byte)'9'] or [(byte)'-', >= (byte)'1' and <= (byte)'9']))
            return false;
        priority = (sbyte)(value[^1] - '0');
        if (isNegative)
            priority = (sbyte)-priority;
        return true;
    }
}

/// <summary>MT-PRIORITY (RFC 6710 §4.2), the client's half: hands on the priority, where one was given.</summary>
public sealed class MtPriorityClientExtension : ClientExtension
{
    /// <inheritdoc/>
    public override string Keyword => MtPriorityExtension.Name;

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (transaction.Envelope.Priority is { } priority)
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $" MT-PRIORITY={priority}"), command);
    }
}
