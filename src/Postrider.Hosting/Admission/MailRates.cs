using Postrider.Hosting.Accounts;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Admission;

/// <summary>
/// Messages and recipients by address, and by account where the client has proven to be one. Who is exempt from the
/// limits of addresses, or was asked for its mail, is not exempt from those of its account.
/// </summary>
/// <param name="settings">The limits.</param>
/// <param name="accounts">Those with limits of their own; null where nobody has any.</param>
/// <param name="tally">Counts refusals.</param>
/// <param name="time">The clock.</param>
internal sealed class MailRates(CurrentSettings settings, AccountStore? accounts, RefusalTally tally, TimeProvider time)
{
    private readonly long start = time.GetTimestamp();
    private readonly RateTable<AddressBlock> messages = new();
    private readonly RateTable<AddressBlock> recipients = new();
    private readonly RateTable<AccountName> accountMessages = new();
    private readonly RateTable<AccountName> accountRecipients = new();

    /// <summary>A transaction begins: null, or its refusal, which has been counted.</summary>
    public Reply? TakeMessage(SessionFacts facts)
    {
        var limits = settings.Value.Admission;
        var refusal = !TryTake(messages, limits.Messages, limits, facts) ? ReplyCatalogue.MessagesTooFast
            : !TryTake(accountMessages, Own(facts)?.MessageRate ?? limits.AccountMessages, facts) ? ReplyCatalogue.AccountMessagesTooFast
            : null;
        return Counted(refusal, facts);
    }

    /// <summary>A recipient is named: null, or its refusal, which has been counted.</summary>
    public Reply? TakeRecipient(SessionFacts facts)
    {
        var limits = settings.Value.Admission;
        var refusal = !TryTake(recipients, limits.Recipients, limits, facts) ? ReplyCatalogue.RecipientsTooFast
            : !TryTake(accountRecipients, Own(facts)?.RecipientRate ?? limits.AccountRecipients, facts) ? ReplyCatalogue.AccountRecipientsTooFast
            : null;
        return Counted(refusal, facts);
    }

    private bool TryTake(RateTable<AddressBlock> table, RateLimit rate, AdmissionSettings limits, SessionFacts facts) =>
        rate.IsOff || facts.IsTurned || limits.IsExempt(facts.PeerAddress) || table.TryTake(limits.AddressOf(facts.PeerAddress!), 1, rate, Now());

    private bool TryTake(RateTable<AccountName> table, RateLimit rate, SessionFacts facts) =>
        rate.IsOff || facts.Account is null || table.TryTake(new AccountName(facts.Account), 1, rate, Now());

    private Account? Own(SessionFacts facts) =>
        facts.Account is { } name && accounts is not null && accounts.Current.TryFind(name, out var account) ? account : null;

    private Reply? Counted(Reply? refusal, SessionFacts facts)
    {
        if (refusal is not null)
            tally.Count(refusal, facts);
        return refusal;
    }

    private long Now() => time.GetElapsedTime(start).Ticks;

    // Its hash is seeded by the runtime.
    private readonly record struct AccountName(string Name);
}
