using System.Net;
using Microsoft.Extensions.Logging;
using Postrider.Hosting;
using Postrider.Hosting.Accounts;
using Postrider.Hosting.Reception;
using Postrider.Queue.Disk;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Sasl;
using Postrider.Smtp.Server;
using Postrider.Testing.Timing;
using Postrider.Tests.Hosting.Admission;

namespace Postrider.Tests.Hosting.Accounts;

/// <summary>Accounts in a file of their own, asked as a session asks, over a clock that a test moves.</summary>
internal sealed class LoginRig : IDisposable
{
    public const string Fingerprint = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    private readonly string folder = Directory.CreateTempSubdirectory("postrider-accounts-").FullName;
    private readonly QuestionHandlers handlers;
    private readonly PasswordWorkers workers;

    public LoginRig(Action<SmtpServerOptions>? configure = null, PasswordWorkers? workers = null)
    {
        Settings = new CurrentSettings(AdmissionRig.Freeze(configure));
        this.workers = workers ?? new PasswordWorkers();
        Write(
            new Account { Name = "tim@example.org", Password = Verifier("tanstaaftanstaaf") },
            new Account { Name = "customer", RelaySecret = "tanstaaftanstaaf" },
            new Account { Name = "app", Senders = ["@example.net"], Certificates = [Fingerprint] });
        Store = new AccountStore(File, Time, new Lines<AccountStore>(Logged));
        var log = new LoginLog(new Lines<LoginLog>(Logged));
        var fakes = new FakeVerifiers(new byte[FakeVerifiers.SecretSize]);
        Guard = new LoginGuard(Settings, log, Time);
        handlers = new QuestionHandlers()
            .Add(new PasswordHandler(Store, fakes, this.workers, Guard, log))
            .Add(new ScramStartHandler(Store, fakes, Guard))
            .Add(new ScramProofHandler(Store, Guard, log))
            .Add(new CramStartHandler(Guard, Time))
            .Add(new CramProofHandler(Store, Guard, log))
            .Add(new CertificateHandler(Store, Guard, log));
    }

    public ManualTime Time { get; } = new();

    public CurrentSettings Settings { get; }

    public AccountStore Store { get; }

    public LoginGuard Guard { get; }

    public List<string> Logged { get; } = [];

    public string File => Path.Combine(folder, "accounts");

    public static ScramVerifier Verifier(string password) => ScramVerifier.Make(password, "0123456789abcdef"u8, ScramVerifier.LeastIterations);

    public void Write(params Account[] accounts) => AccountFile.Write(File, accounts, new UnixDisk());

    /// <summary>Asks a question and lets the time pass that its answer takes.</summary>
    public async Task<Answer> AskAsync(Question question, string peer = "192.0.2.7")
    {
        var answer = StartAsync(question, peer);
        // The store looks at its file every two seconds, and a failure is answered two seconds late: whoever is not
        // done waits for the clock, or for a worker that hashes.
        while (!answer.IsCompleted)
        {
            await Task.WhenAny(answer, Task.Delay(1));
            if (!answer.IsCompleted && Guard.Delayed > 0)
                Time.Advance(LoginGuard.Delay);
        }
        return await answer;
    }

    /// <summary>Asks a question.</summary>
    public Task<Answer> StartAsync(Question question, string peer = "192.0.2.7")
    {
        var session = new ReceptionSession(Settings.Policy) { Facts = new SessionFacts { PeerAddress = IPAddress.Parse(peer), PeerPort = 4711, IsExtended = true } };
        return handlers.AnswerAsync(question, session).AsTask();
    }

    public async Task<Reply?> PasswordAsync(string user, string password, string peer = "192.0.2.7") =>
        (await AskAsync(new PasswordQuestion("PLAIN", user, password, null), peer)).Reply;

    public void Dispose()
    {
        Store.Dispose();
        workers.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private sealed class Lines<T>(List<string> lines) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
                lines.Add(formatter(state, exception) + exception);
        }
    }
}
