using Microsoft.Extensions.Logging;
using Postrider.Hosting.Events;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Accounts;

/// <summary>Logs who has logged in and who has failed to: peer, mechanism and account, and never what was shown.</summary>
internal sealed partial class LoginLog(ILogger<LoginLog> logger)
{
    // A name comes from the peer: it may be long, and may be a password typed in the wrong place.
    private const int MaxName = 100;

    public void Succeeded(SessionFacts facts, string mechanism, string account)
    {
        if (logger.IsEnabled(LogLevel.Information))
            LogSucceeded(PeerText.Of(facts), account, mechanism);
    }

    public void Failed(SessionFacts facts, string mechanism, string name)
    {
        if (logger.IsEnabled(LogLevel.Warning))
            LogFailed(PeerText.Of(facts), Shown(name), mechanism);
    }

    public void Refused(SessionFacts facts, string mechanism, string account, Reply reply)
    {
        if (logger.IsEnabled(LogLevel.Warning))
            LogRefused(PeerText.Of(facts), account, mechanism, reply);
    }

    /// <summary>A name that a peer gave, fit for a line of the log.</summary>
    public static string Shown(string name)
    {
        if (name.Length > MaxName)
            name = name[..MaxName] + "…";
        return string.Create(name.Length, name, static (shown, from) =>
        {
            for (var i = 0; i < shown.Length; i++)
                shown[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
    }

    [LoggerMessage(721, LogLevel.Information, "{Peer} is {Account} by {Mechanism}")]
    private partial void LogSucceeded(string peer, string account, string mechanism);

    [LoggerMessage(722, LogLevel.Warning, "{Peer} failed to be {Account} by {Mechanism}")]
    private partial void LogFailed(string peer, string account, string mechanism);

    [LoggerMessage(723, LogLevel.Warning, "{Peer} is {Account} by {Mechanism}, and is not let in: {Reply}")]
    private partial void LogRefused(string peer, string account, string mechanism, Reply reply);
}
