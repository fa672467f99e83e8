using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using Postrider.Smtp.Sasl;

namespace Postrider.Hosting.Accounts;

/// <summary>All accounts at one moment. Immutable.</summary>
internal sealed class AccountBook
{
    /// <summary>No accounts.</summary>
    public static readonly AccountBook Empty = new([]);

    private readonly FrozenDictionary<string, Account> byName;
    private readonly FrozenDictionary<string, Account> forRelay;
    private readonly FrozenDictionary<string, Account> byCertificate;

    /// <summary>Takes accounts whose names and certificates are each there once.</summary>
    public AccountBook(IReadOnlyList<Account> accounts)
    {
        All = accounts;
        byName = accounts.Where(static account => account.RelaySecret is null).ToFrozenDictionary(static account => account.Name, StringComparer.OrdinalIgnoreCase);
        forRelay = accounts.Where(static account => account.RelaySecret is not null).ToFrozenDictionary(static account => account.Name, StringComparer.OrdinalIgnoreCase);
        byCertificate = accounts
            .SelectMany(static account => account.Certificates.Select(certificate => (certificate, account)))
            .ToFrozenDictionary(static pair => pair.certificate, static pair => pair.account, StringComparer.Ordinal);
    }

    /// <summary>The accounts, in the order of the file.</summary>
    public IReadOnlyList<Account> All { get; }

    /// <summary>Finds an account by what a peer calls it. Those for on-demand relay are none of these, whatever way of login there is.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out Account? account)
    {
        account = null;
        return SaslPreparation.TryPrepare(name, out var prepared) && byName.TryGetValue(prepared, out account);
    }

    /// <summary>Finds an account for on-demand relay by what a peer calls it.</summary>
    public bool TryFindForRelay(string name, [NotNullWhen(true)] out Account? account)
    {
        account = null;
        return SaslPreparation.TryPrepare(name, out var prepared) && forRelay.TryGetValue(prepared, out account);
    }

    /// <summary>Finds an account by the fingerprint of a certificate, in lower case.</summary>
    public bool TryFindCertificate(string fingerprint, [NotNullWhen(true)] out Account? account) => byCertificate.TryGetValue(fingerprint, out account);
}
