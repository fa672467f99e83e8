using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postrider.Delivery;
using Postrider.Delivery.Local;
using Postrider.Delivery.People;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Delivery.Sites;
using Postrider.Delivery.Terminals;
using Postrider.Hosting.Accounts;
using Postrider.Hosting.Admission;
using Postrider.Hosting.Certificates;
using Postrider.Hosting.Events;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.Greylisting;
using Postrider.Hosting.Reception;
using Postrider.Hosting.Relaying;
using Postrider.Hosting.Resolution;
using Postrider.Hosting.Tokens;
using Postrider.Queue.Disk;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Scheduling;
using Postrider.Queue.Spool;
using Postrider.Resolver;
using Postrider.Resolver.Servers;
using Postrider.Smtp.Client;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;
using Postrider.Transport;
using Postrider.Transport.Dialing;
using Postrider.Transport.Listening;
using Postrider.Transport.Sockets;
using Postrider.Transport.Tls;

namespace Postrider.Hosting;

/// <summary>Puts a mail server on any Generic Host.</summary>
public static class MailServices
{
    /// <summary>
    /// Adds a durable queue and the delivery of what is in it. It starts with the host and stops with
    /// it; call it before <see cref="AddSmtpServer"/>, so that the queue is there for the first message.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the options, which are checked when the host starts; null where they are set otherwise.</param>
    /// <exception cref="OptionsValidationException">At the start: an option is wrong; all mistakes are in it.</exception>
    public static IServiceCollection AddMailQueue(this IServiceCollection services, Action<MailServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<INetwork>(static provider => new SocketNetwork(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<ITlsUpgrade, SystemTls>();
        services.TryAddSingleton(MakeSettings);
        services.TryAddSingleton<StopClock>();
        services.TryAddSingleton<IQueueObserver, QueueLog>();
        services.TryAddSingleton<IDeliveryObserver, DeliveryLog>();
        services.TryAddSingleton(static provider => new Router(provider.GetRequiredService<CurrentSettings>().Value.Routes));
        services.TryAddSingleton<IDisk, UnixDisk>();
        // The lock is made before the spool, so that it is given up after it.
        services.TryAddSingleton(static provider => new DataFolder(provider.GetRequiredService<CurrentSettings>().Value.DataFolder, "postrider serve"));
        services.TryAddSingleton(static provider => provider.GetRequiredService<DataFolder>().MakeSpool(
            provider.GetRequiredService<IDisk>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<CurrentSettings>().Value.BodyMemory));
        services.TryAddSingleton(MakeQueue);
        services.TryAddSingleton<IHostResolver, SystemHostResolver>();
        services.TryAddSingleton(static provider => new ConnectionPool(
            provider.GetRequiredService<INetwork>(),
            provider.GetRequiredService<TimeProvider>(),
            new PoolSettings { Work = provider.GetRequiredService<KeyWorkers>() }));
        services.TryAddSingleton(static _ => new KeyWorkers());
        services.TryAddSingleton(static provider => new MailboxSizes(provider.GetRequiredService<IDisk>(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static provider => new UserTerminals(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(MakeAgents);
        services.TryAddSingleton<MailQueueHost>();
        services.AddHostedService(static provider => provider.GetRequiredService<MailQueueHost>());
        services.TryAddSingleton(static provider => new WaitingMail(provider.GetRequiredService<MailQueue>(), provider.GetRequiredService<Router>(), provider.GetRequiredService<MailQueueHost>().Reopen));
        services.TryAddSingleton<TurnLog>();
        services.TryAddSingleton(static provider => new ConnectionRelay(
            provider.GetRequiredService<MailQueue>().Leases,
            provider.GetRequiredService<Router>(),
            provider.GetRequiredService<IDeliveryObserver>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<TurnedDelivery>();
        return services;
    }

    /// <summary>Adds an SMTP server that puts what it receives into the queue of <see cref="AddMailQueue"/>.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Sets the options, which are checked when the host starts; null where they are set otherwise.</param>
    /// <exception cref="InvalidOperationException">There is no queue yet.</exception>
    public static IServiceCollection AddSmtpServer(this IServiceCollection services, Action<SmtpServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.All(static service => service.ServiceType != typeof(MailQueueHost)))
            throw new InvalidOperationException("An SMTP server needs a queue: call AddMailQueue first.");
        if (configure is not null)
            services.Configure(configure);
        services.AddSingleton(new SmtpServerMarker());
        services.TryAddSingleton<ReceptionLog>();
        services.TryAddSingleton<IServerObserver, SessionLog>();
        services.TryAddSingleton<RefusalTally>();
        services.TryAddSingleton(static provider => new MailRates(
            provider.GetRequiredService<CurrentSettings>(),
            provider.GetRequiredService<CurrentSettings>().Value.Sandbox is null ? provider.GetRequiredService<AccountStore>() : null,
            provider.GetRequiredService<RefusalTally>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IDnsExchange, SocketExchange>();
        services.TryAddSingleton(MakeResolver);
        services.TryAddSingleton(static _ => new Greylist());
        services.AddHostedService<GreylistFile>();
        services.TryAddSingleton<IConnectionAdmission, ConnectionAdmission>();
        services.TryAddSingleton(MakeAccounts);
        services.TryAddSingleton(static provider => new FakeVerifiers(provider.GetRequiredService<DataFolder>().Secret(provider.GetRequiredService<IDisk>(), "login-secret", FakeVerifiers.SecretSize)));
        services.TryAddSingleton(static _ => new PasswordWorkers());
        services.TryAddSingleton(static provider => new IssuerKeys(
            provider.GetRequiredService<CurrentSettings>().Value.Tokens!,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<IssuerKeys>>()));
        services.TryAddSingleton<LoginGuard>();
        services.TryAddSingleton<LoginLog>();
        services.TryAddSingleton(ReceptionHandlers.Make);
        services.TryAddSingleton(MakeServer);
        services.TryAddSingleton<ServerCertificates>();
        services.TryAddSingleton<SettingsReload>();
        services.TryAddSingleton<TurnedFetch>();
        services.TryAddSingleton<SmtpServerHost>();
        services.AddHostedService(static provider => provider.GetRequiredService<SmtpServerHost>());
        return services;
    }

    private static CurrentSettings MakeSettings(IServiceProvider provider)
    {
        var check = new MailServerOptionsCheck();
        var mail = provider.GetRequiredService<IOptions<MailServerOptions>>().Value;
        var server = provider.GetService<SmtpServerMarker>() is null ? null : provider.GetRequiredService<IOptions<SmtpServerOptions>>().Value;
        var settings = check.Freeze(mail, server);
        return settings is null
            ? throw new OptionsValidationException(Options.DefaultName, typeof(MailServerOptions), check.Mistakes.Select(static mistake => mistake.ToString()))
            : new CurrentSettings(settings);
    }

    private static MailQueue MakeQueue(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<CurrentSettings>().Value;
        var router = provider.GetRequiredService<Router>();
        return new MailQueue(
            provider.GetRequiredService<ISpool>(),
            new MailQueueOptions { HostName = settings.Hostname, Retry = settings.Retry, ReportRetry = settings.Retry },
            mailbox => router.Current.Find(mailbox)?.Key,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IQueueObserver>());
    }

    private static DeliveryAgents MakeAgents(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<CurrentSettings>().Value;
        var bound = settings.Sandbox is { } sandbox ? new MaildirBound(sandbox.Messages, sandbox.Size) : null;
        var mailboxes = new MaildirAgent(
            provider.GetRequiredService<IDisk>(),
            provider.GetRequiredService<TimeProvider>(),
            new MaildirOptions { HostName = settings.Hostname, Bound = bound },
            provider.GetRequiredService<MailboxSizes>());
        return new DeliveryAgents(new Dictionary<Type, IDeliveryAgent>
        {
            [typeof(MaildirTarget)] = new TerminalAgent(provider.GetRequiredService<UserTerminals>(), mailboxes, settings.Hostname, provider.GetRequiredService<TimeProvider>()),
            [typeof(ExpansionTarget)] = new ExpansionAgent(),
            [typeof(RelayTarget)] = new RelayAgent(
                provider.GetRequiredService<ConnectionPool>(),
                provider.GetRequiredService<IHostResolver>(),
                settings.ClientFor(settings.Hostname),
                provider.GetRequiredService<ITlsUpgrade>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<IDeliveryObserver>()),
        });
    }

    private static DnsResolver MakeResolver(IServiceProvider provider)
    {
        var servers = provider.GetRequiredService<CurrentSettings>().Value.DnsServers;
        return new DnsResolver(
            provider.GetRequiredService<IDnsExchange>(),
            new ResolverOptions { Servers = servers.IsEmpty ? SystemServers.Read() : servers },
            provider.GetRequiredService<TimeProvider>());
    }

    private static AccountStore MakeAccounts(IServiceProvider provider) =>
        new(
            provider.GetRequiredService<CurrentSettings>().Value.Accounts,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<AccountStore>>());

    private static SmtpServer MakeServer(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<CurrentSettings>();
        var handlers = provider.GetRequiredService<QuestionHandlers>();
        var turned = provider.GetRequiredService<TurnedDelivery>();
        return new SmtpServer(
            provider.GetRequiredService<INetwork>(),
            provider.GetRequiredService<TimeProvider>(),
            () => settings.Value.Sessions[(ListenerTls.Off, ListenerKind.Smtp)],
            _ => new SessionHandler(handlers, settings.Policy, turned),
            provider.GetRequiredService<IServerObserver>())
        {
            Admission = provider.GetRequiredService<IConnectionAdmission>(),
            Tls = provider.GetRequiredService<ITlsUpgrade>(),
        };
    }

    /// <summary>Says that there is a server, whose options count then.</summary>
    private sealed class SmtpServerMarker;
}
