using System.Globalization;
using Postrider.Smtp.Client;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>LIMITS (RFC 9422): the server says how many recipients it takes in one transaction.</summary>
public sealed class LimitsExtension : SmtpExtension
{
    internal const string Name = "LIMITS";

    /// <summary>Offers it, with the limit of the settings.</summary>
    public LimitsExtension()
        : base(Name)
    {
    }

    // RFC 9422 §3.1.2. There are no limits of the other kinds.
    internal override string? Offer(ServerSettings settings, SessionFacts facts) =>
        string.Create(CultureInfo.InvariantCulture, $"{Keyword} RCPTMAX={settings.Limits.Recipients}");
}

/// <summary>
/// LIMITS (RFC 9422), the client's half: sends no more transactions, recipients and domains than the server said it
/// takes, and the rest in another transaction or over another connection.
/// </summary>
public sealed class LimitsClientExtension : ClientExtension
{
    // RFC 9422 §2: 1 to 6 digits, the first of them not 0.
    private const int LongestNumber = 6;

    /// <inheritdoc/>
    public override string Keyword => LimitsExtension.Name;

    /// <inheritdoc/>
    public override int MostTransactions(PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        return Limit(peer, "MAILMAX");
    }

    /// <inheritdoc/>
    public override int MostRecipients(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        var recipients = Limit(peer, "RCPTMAX");
        var domains = Limit(peer, "RCPTDOMAINMAX");
        if (domains == int.MaxValue)
            return recipients;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var count = 0;
        foreach (var recipient in transaction.Envelope.Recipients)
        {
            if (seen.Add(recipient.Mailbox.Domain) && seen.Count > domains)
                break;
            count++;
        }
        return Math.Min(recipients, count);
    }

    // What is no limit as the RFC writes them counts as none.
    private static int Limit(PeerCapabilities peer, string name)
    {
        foreach (var word in (peer.Parameters(LimitsExtension.Name) ?? "").Split(' '))
        {
            if (word.Length > name.Length && word[name.Length] == '=' && word.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                && word.Length - name.Length - 1 <= LongestNumber
                && int.TryParse(word.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit > 0)
            {
                return limit;
            }
        }
        return int.MaxValue;
    }
}
