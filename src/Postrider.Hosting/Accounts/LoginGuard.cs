using Postrider.Hosting.Admission;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>
/// Slows and bounds guessing. A failed login is answered late; an address, or an account from wherever, that has had
/// too many of them is told to come again later without a look at what it shows.
/// </summary>
internal sealed class LoginGuard(CurrentSettings settings, LoginLog log, TimeProvider time)
{
    /// <summary>How late a failure is answered.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);

    private readonly long start = time.GetTimestamp();
    private readonly RateTable<AddressBlock> addresses = new();
    private readonly RateTable<Name> accounts = new();
    private int delayed;

    /// <summary>How many answers are being held back.</summary>
    public int Delayed => Volatile.Read(ref delayed);

    /// <summary>The refusal of a peer that has failed too often, or null.</summary>
    /// <param name="facts">The peer.</param>
    /// <param name="name">The name of the account it says it is, or empty.</param>
    public Reply? Refuse(SessionFacts facts, string name)
    {
        var limits = settings.Value.Admission;
        var tooMany = (facts.PeerAddress is { } address && addresses.IsOver(limits.AddressOf(address), limits.LoginFailures, Now()))
            || (name.Length > 0 && accounts.IsOver(Name.Of(name), limits.AccountLoginFailures, Now()));
        return tooMany ? ReplyCatalogue.TooManyLoginFailures : null;
    }

    /// <summary>Counts a failure, and takes the time that it costs.</summary>
    /// <returns>What the peer is told.</returns>
    public async ValueTask<Answer> FailAsync(SessionFacts facts, string mechanism, string name)
    {
        var limits = settings.Value.Admission;
        if (facts.PeerAddress is { } address)
            addresses.TryTake(limits.AddressOf(address), 1, limits.LoginFailures, Now());
        if (name.Length > 0)
            accounts.TryTake(Name.Of(name), 1, limits.AccountLoginFailures, Now());
        log.Failed(facts, mechanism, name);
        var delay = Task.Delay(Delay, time);
        Interlocked.Increment(ref delayed);
        await delay;
        Interlocked.Decrement(ref delayed);
        return Answer.Refuse(ReplyCatalogue.AuthFailed);
    }

    private long Now() => time.GetElapsedTime(start).Ticks;

    // Its hash is seeded by the runtime; names that differ in case are the same account.
    private readonly record struct Name(string Text)
    {
        public static Name Of(string name) => new((SaslPreparation.TryPrepare(name, out var prepared) ? prepared : name).ToUpperInvariant());
    }
}
