using Microsoft.Extensions.DependencyInjection;
using Postrider.Delivery.Local;
using Postrider.Delivery.Terminals;
using Postrider.Hosting.Accounts;
using Postrider.Hosting.Admission;
using Postrider.Hosting.BlockLists;
using Postrider.Hosting.Events;
using Postrider.Hosting.Fetching;
using Postrider.Hosting.Greylisting;
using Postrider.Hosting.NullMx;
using Postrider.Hosting.People;
using Postrider.Hosting.Submission;
using Postrider.Hosting.Tokens;
using Postrider.Queue.Scheduling;
using Postrider.Resolver;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;

namespace Postrider.Hosting.Reception;

/// <summary>The one place where questions get their handlers: an extension with a question of its own adds a line.</summary>
internal static class ReceptionHandlers
{
    /// <summary>The handlers of a server.</summary>
    public static QuestionHandlers Make(IServiceProvider provider)
    {
        var queue = provider.GetRequiredService<MailQueue>();
        var log = provider.GetRequiredService<ReceptionLog>();
        var time = provider.GetRequiredService<TimeProvider>();
        var handlers = new QuestionHandlers()
            .Add(new ConnectHandler())
            .Add(Senders(provider))
            .Add(Recipients(provider))
            .Add(new StartOfMessageHandler(queue, log, time))
            .Add(new EndOfMessageHandler(queue, log, time))
            .Add(new VerifyHandler())
            .Add(new ExpandHandler())
            .Add(new StatusHandler(queue, time))
            .Add(new EtrnHandler(provider.GetRequiredService<WaitingMail>(), log, time))
            .Add(new TurnHandler(provider.GetRequiredService<WaitingMail>(), provider.GetRequiredService<TurnLog>(), time));
        return AddLogins(handlers, provider);
    }

    // From the last to be asked to the first.
    private static IQuestionHandler<MailQuestion> Senders(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<CurrentSettings>();
        var log = provider.GetRequiredService<ReceptionLog>();
        IQuestionHandler<MailQuestion> handler = new MailHandler(provider.GetRequiredService<MailQueue>(), log);
        handler = new TimedMailHandler(provider.GetRequiredService<TimeProvider>(), handler);
        handler = new NullMxSenderHandler(new NullMxRecords(provider.GetRequiredService<DnsResolver>()), settings, log, handler);
        if (settings.Value.Sandbox is null)
            handler = new SenderHandler(provider.GetRequiredService<AccountStore>(), log, handler);
        return new RatedMailHandler(provider.GetRequiredService<MailRates>(), handler);
    }

    // From the last to be asked to the first.
    private static IQuestionHandler<RecipientQuestion> Recipients(IServiceProvider provider)
    {
        var settings = provider.GetRequiredService<CurrentSettings>();
        var log = provider.GetRequiredService<ReceptionLog>();
        var time = provider.GetRequiredService<TimeProvider>();
        var tally = provider.GetRequiredService<RefusalTally>();
        var resolver = provider.GetRequiredService<DnsResolver>();
        IQuestionHandler<RecipientQuestion> handler = new RecipientHandler(log, new LocalRecipients(provider.GetRequiredService<MailboxSizes>()));
        handler = new NullMxRecipientHandler(new NullMxRecords(resolver), settings, log, handler);
        handler = new GreylistedRecipientHandler(provider.GetRequiredService<Greylist>(), settings, tally, time, handler);
        handler = new BlockListedRecipientHandler(new BlockListing(resolver), settings, tally, handler);
        handler = new TerminalRecipientHandler(provider.GetRequiredService<UserTerminals>(), handler);
        handler = new RatedRecipientHandler(provider.GetRequiredService<MailRates>(), handler);
        return new SlowedRecipientHandler(settings, time, handler);
    }

    private static QuestionHandlers AddLogins(QuestionHandlers handlers, IServiceProvider provider)
    {
        var log = provider.GetRequiredService<LoginLog>();
        if (provider.GetRequiredService<CurrentSettings>().Value.Sandbox is not null)
        {
            var anybody = new AnybodyHandler(log);
            return handlers.Add<PasswordQuestion>(anybody).Add<TokenQuestion>(anybody);
        }
        var accounts = provider.GetRequiredService<AccountStore>();
        var fakes = provider.GetRequiredService<FakeVerifiers>();
        var guard = provider.GetRequiredService<LoginGuard>();
        if (provider.GetRequiredService<CurrentSettings>().Value.Tokens is { } tokens)
        {
            var time = provider.GetRequiredService<TimeProvider>();
            handlers.Add(new TokenHandler(tokens, provider.GetRequiredService<IssuerKeys>(), accounts, guard, log, time));
        }
        return handlers
            .Add(new PasswordHandler(accounts, fakes, provider.GetRequiredService<PasswordWorkers>(), guard, log))
            .Add(new ScramStartHandler(accounts, fakes, guard))
            .Add(new ScramProofHandler(accounts, guard, log))
            .Add(new CramStartHandler(guard, provider.GetRequiredService<TimeProvider>()))
            .Add(new CramProofHandler(accounts, guard, log))
            .Add(new CertificateHandler(accounts, guard, log));
    }
}
