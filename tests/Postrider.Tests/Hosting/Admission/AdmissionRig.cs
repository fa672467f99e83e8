using System.Net;
using Microsoft.Extensions.Logging;
using Postrider.Hosting;
using Postrider.Hosting.Accounts;
using Postrider.Hosting.Admission;
using Postrider.Hosting.Reception;
using Postrider.Smtp.Server;
using Postrider.Testing.Timing;

namespace Postrider.Tests.Hosting.Admission;

/// <summary>Limits by address and account over a clock that a test moves, and the lines they log.</summary>
internal sealed class AdmissionRig : ILogger<RefusalTally>, IDisposable
{
    public AdmissionRig(Action<SmtpServerOptions>? configure = null, TimeProvider? time = null, AccountStore? accounts = null)
    {
        Settings = new CurrentSettings(Freeze(configure));
        Tally = new RefusalTally(time ?? Time, this);
        Admission = new ConnectionAdmission(Settings, time ?? Time);
        Rates = new MailRates(Settings, accounts, Tally, time ?? Time);
    }

    public ManualTime Time { get; } = new();

    public CurrentSettings Settings { get; }

    public RefusalTally Tally { get; }

    public ConnectionAdmission Admission { get; }

    public MailRates Rates { get; }

    public List<string> Lines { get; } = [];

    public static SessionFacts Peer(string address, string? account = null) =>
        new() { PeerAddress = IPAddress.Parse(address), PeerPort = 4711, Account = account };

    public static MailServerSettings Freeze(Action<SmtpServerOptions>? configure)
    {
        var server = new SmtpServerOptions { Listeners = [new ListenerOptions { Address = "192.0.2.1" }] };
        configure?.Invoke(server);
        var check = new MailServerOptionsCheck();
        var settings = check.Freeze(new MailServerOptions { Hostname = "mx.example", LocalDomains = ["local.example"] }, server);
        Assert.Empty(check.Mistakes);
        return settings!;
    }

    /// <summary>What a connection is told, or null; and its end.</summary>
    public (string? Told, IDisposable? Admitted) Connect(string address)
    {
        var told = Admission.Admit(Peer(address), out var admitted)?.ToString();
        return (told, admitted);
    }

    public void Dispose() => Tally.Dispose();

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add(formatter(state, exception));
}
