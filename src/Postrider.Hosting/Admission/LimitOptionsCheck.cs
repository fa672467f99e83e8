using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Postrider.Hosting.Reception;

namespace Postrider.Hosting.Admission;

/// <summary>Checks the limits and freezes them.</summary>
/// <param name="report">Takes each mistake: the path and what is wrong.</param>
internal sealed class LimitOptionsCheck(Action<string, string> report)
{
    /// <summary>Checks all of them; what is wrong has been reported.</summary>
    /// <param name="limits">The options.</param>
    /// <param name="relayFrom">The networks that are exempt where none are named.</param>
    public AdmissionSettings Freeze(LimitOptions limits, ImmutableArray<IPNetwork> relayFrom)
    {
        if (limits.MessageSize is < 65_536 or > 2_000_000_000)
            report("limits.messageSize", "is out of range; give 64 KiB (RFC 5321 §4.5.3.1.7) to 2 GB.");
        if (limits.Recipients is < 100 or > 50_000)
            report("limits.recipients", "is out of range; give 100 (RFC 5321 §4.5.3.1.8) to 50000.");
        if (limits.Connections is < 1 or > 1_000_000)
            report("limits.connections", "is out of range; give 1 to 1000000.");
        Range("limits.commandTimeout", limits.CommandTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "1s to 1h; RFC 5321 §4.5.3.2.7 says at least 5m");
        Range("limits.dataTimeout", limits.DataTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "1s to 1h; RFC 5321 §4.5.3.2.5 says at least 3m");
        Range("limits.handshakeTimeout", limits.HandshakeTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), "1s to 10m");
        Range("limits.stopTimeout", limits.StopTimeout, TimeSpan.Zero, TimeSpan.FromHours(1), "0s to 1h");
        Range("limits.greetingDelay", limits.GreetingDelay, TimeSpan.Zero, TimeSpan.FromMinutes(1), "0s to 1m; a client waits 5m (RFC 5321 §4.5.3.2.1)");
        Range("limits.minimumRate", limits.MinimumRate, 1, 100_000, "octets a second");
        Range("limits.receivedFields", limits.ReceivedFields, 100, 10_000, "fields; RFC 5321 §6.3 says at least 100");
        Range("limits.commandLine", limits.CommandLine, 512, 12_288, "octets; RFC 5321 §4.5.3.1.4 says at least 512");
        Range("limits.loginLine", limits.LoginLine, 512, 12_288, "octets; RFC 4954 §4 says 12288");
        Range("limits.mimeParts", limits.MimeParts, 10, 100_000, "parts");
        Range("limits.errors", limits.Errors, 1, 10_000, "errors");
        Range("limits.idleCommands", limits.IdleCommands, 10, 10_000, "commands");
        Range("limits.refusedRecipients", limits.RefusedRecipients, 10, 50_000, "recipients");
        if (limits.HeaderSize is < 16_384 or > 262_144)
            report("limits.headerSize", "is out of range; give 16 KiB to 256 KiB.");
        if (limits.BodyMemory is < 16_777_216 or > 1L << 40)
            report("limits.bodyMemory", "is out of range; give 16 MiB to 1 TiB.");
        if (limits.SessionMemory is < 16_777_216 or > 1L << 40)
            report("limits.sessionMemory", "is out of range; give 16 MiB to 1 TiB.");
        Count("limits.connectionsPerAddress", limits.ConnectionsPerAddress);
        Count("limits.connectionsPerNetwork", limits.ConnectionsPerNetwork);
        Rate("limits.connectionRate", limits.ConnectionRate);
        Rate("limits.messageRate", limits.MessageRate);
        Rate("limits.recipientRate", limits.RecipientRate);
        Rate("limits.accountMessageRate", limits.AccountMessageRate);
        Rate("limits.accountRecipientRate", limits.AccountRecipientRate);
        Rate("limits.loginFailures", limits.LoginFailures);
        Rate("limits.accountLoginFailures", limits.AccountLoginFailures);
        Range("limits.ipv4Network", limits.IPv4Network, 8, 32, "bits");
        Range("limits.ipv6Address", limits.IPv6Address, 32, 128, "bits");
        Range("limits.ipv6Network", limits.IPv6Network, 16, 128, "bits");
        if (limits.IPv6Network > limits.IPv6Address)
            report("limits.ipv6Network", "is longer than ipv6Address; a network holds addresses, not the other way round.");
        return new AdmissionSettings
        {
            PerAddress = limits.ConnectionsPerAddress,
            PerNetwork = limits.ConnectionsPerNetwork,
            Connections = limits.ConnectionRate,
            Messages = limits.MessageRate,
            Recipients = limits.RecipientRate,
            AccountMessages = limits.AccountMessageRate,
            AccountRecipients = limits.AccountRecipientRate,
            LoginFailures = limits.LoginFailures,
            AccountLoginFailures = limits.AccountLoginFailures,
            GreetingDelay = limits.GreetingDelay,
            IPv4Network = limits.IPv4Network,
            IPv6Address = limits.IPv6Address,
            IPv6Network = limits.IPv6Network,
            Exempt = limits.Exempt is { } exempt
                ? NetworkList.Freeze("limits.exempt", exempt, "no limit of addresses would be left. Name the networks.", report)
                : relayFrom,
        };
    }

    private void Count(string path, int value)
    {
        if (value is < 0 or > 1_000_000)
            report(path, "is out of range; give 1 to 1000000, or 0 for no limit.");
    }

    private void Rate(string path, RateLimit rate)
    {
        if (rate.Count < 0 || (!rate.IsOff && (rate.Count > 10_000_000 || rate.Period < TimeSpan.FromSeconds(1) || rate.Period > TimeSpan.FromDays(7))))
            report(path, "is out of range; give up to 10000000 in 1s to 7d, or \"off\".");
    }

    private void Range(string path, int value, int least, int most, string what)
    {
        if (value < least || value > most)
            report(path, string.Create(CultureInfo.InvariantCulture, $"is out of range; give {least} to {most} {what}."));
    }

    private void Range(string path, TimeSpan value, TimeSpan least, TimeSpan most, string range)
    {
        if (value < least || value > most)
            report(path, $"is out of range; give {range}.");
    }
}
