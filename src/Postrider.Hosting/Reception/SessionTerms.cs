using System.Collections.Frozen;
using System.Collections.Immutable;
using Postrider.Hosting.Certificates;
using Postrider.Hosting.Fetching;
using Postrider.Smtp.Extensions;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>What sessions work by: the options as the protocol knows them.</summary>
internal static class SessionTerms
{
    // Those that show what is typed: the others need a password to be stored.
    private static readonly ImmutableArray<string> sandboxMechanisms = ["PLAIN", "LOGIN", .. SaslMechanisms.ForTokens];

    private static readonly ImmutableArray<string> accountMechanisms = [.. SaslMechanisms.ForPasswords, .. SaslMechanisms.ForCertificates];

    /// <summary>The terms for each kind of listener, with each state of TLS.</summary>
    public static FrozenDictionary<(ListenerTls Tls, ListenerKind Kind), ServerSettings> Of(string hostname, MailServerOptions mail, SmtpServerOptions server, SmtpExtensions extensions, FetchRights fetching)
    {
        var sessions = new Dictionary<(ListenerTls, ListenerKind), ServerSettings>();
        foreach (var tls in Enum.GetValues<ListenerTls>())
        {
            foreach (var kind in Enum.GetValues<ListenerKind>())
                sessions.Add((tls, kind), Session(hostname, mail, server, extensions, fetching, tls, kind));
        }
        return sessions.ToFrozenDictionary();
    }

    private static ServerSettings Session(string hostname, MailServerOptions mail, SmtpServerOptions server, SmtpExtensions extensions, FetchRights fetching, ListenerTls tls, ListenerKind kind)
    {
        var isSubmission = kind == ListenerKind.Submission;
        var isOnDemand = kind is ListenerKind.OnDemandRelay or ListenerKind.OnDemandRelayWithCramMd5;
        bool MayFetch(SessionFacts facts) => !fetching.ProvenDomainsOf(facts).IsEmpty;
        if (isOnDemand)
            extensions = new SmtpExtensions(new PipeliningExtension(), new EnhancedStatusCodesExtension(), new AtrnExtension(MayFetch, isListedToAll: true), new HelpExtension());
        else if (kind != ListenerKind.Turned && !fetching.IsNobody)
            extensions = new SmtpExtensions([.. extensions.Offered, new TurnExtension(MayFetch), new AtrnExtension(MayFetch, isListedToAll: false)]);
        if (tls is ListenerTls.Offered or ListenerTls.Required)
            extensions = extensions.With(new StartTlsExtension());
        // RFC 4865: of submission, not of relay.
        if (isSubmission && server.FutureRelease.Longest > TimeSpan.Zero)
            extensions = extensions.With(new FutureReleaseExtension(server.FutureRelease.Longest));
        if (mail.Sandbox is not null && kind != ListenerKind.Turned)
            extensions = extensions.With(new AuthExtension(sandboxMechanisms));
        else if (isSubmission || isOnDemand)
            extensions = extensions.With(new AuthExtension(Mechanisms(server, kind)));
        return new ServerSettings
        {
            Hostname = hostname,
            Extensions = extensions,
            RequiresTls = tls == ListenerTls.Required,
            RequiresAuthentication = isSubmission && mail.Sandbox is null,
            IsOnDemandRelay = isOnDemand,
            TakesNoMail = kind == ListenerKind.NoMail,
            DefaultDomain = isSubmission ? DefaultDomain(hostname, mail) : null,
            Limits = new ServerLimits
            {
                MessageSize = server.Limits.MessageSize,
                Recipients = server.Limits.Recipients,
                CommandTimeout = server.Limits.CommandTimeout,
                BodyTimeout = server.Limits.DataTimeout,
                HandshakeTimeout = server.Limits.HandshakeTimeout,
                MinimumRate = server.Limits.MinimumRate,
                HeaderSize = (int)server.Limits.HeaderSize,
                Errors = server.Limits.Errors,
                IdleCommands = server.Limits.IdleCommands,
                RefusedRecipients = server.Limits.RefusedRecipients,
                CommandLine = server.Limits.CommandLine,
                DialogueLine = server.Limits.LoginLine,
            },
        };
    }

    private static ImmutableArray<string> Mechanisms(SmtpServerOptions server, ListenerKind kind)
    {
        var mechanisms = accountMechanisms;
        if (server.Tokens is not null)
            mechanisms = mechanisms.AddRange(SaslMechanisms.ForTokens);
        return kind == ListenerKind.OnDemandRelayWithCramMd5 ? mechanisms.AddRange(SaslMechanisms.ForOnDemandRelay) : mechanisms;
    }

    /// <summary>The domain of addresses that are submitted without one, or null.</summary>
    public static string? DefaultDomain(string hostname, MailServerOptions mail) =>
        mail.LocalDomains.FirstOrDefault(HostNames.IsDomain) ?? (HostNames.IsDomain(hostname) ? hostname : null);
}
