using Postrider.Hosting.Reception;

namespace Postrider.Hosting;

/// <summary>
/// The settings of now, replaced whole by a reload. Who needs one answer for several questions keeps
/// the value it got.
/// </summary>
internal sealed class CurrentSettings(MailServerSettings settings)
{
    private volatile Snapshot current = new(settings);

    /// <summary>The settings.</summary>
    public MailServerSettings Value => current.Settings;

    /// <summary>What follows from them for a new session.</summary>
    public ReceptionPolicy Policy => current.Policy;

    /// <summary>Puts others in their place; sessions that have begun keep theirs.</summary>
    public void Replace(MailServerSettings next) => current = new Snapshot(next);

    private sealed class Snapshot(MailServerSettings settings)
    {
        public MailServerSettings Settings { get; } = settings;

        public ReceptionPolicy Policy { get; } = new(settings.Hostname, settings.Routes, settings.RelayFrom, settings.Sandbox is not null)
        {
            ReceivedFields = settings.ReceivedFields,
            DefaultDomain = settings.DefaultDomain,
            LongestHold = settings.LongestHold,
            HoldReserve = settings.HoldReserve,
            Priorities = settings.Priorities,
            Asking = settings.Asking,
            Fetching = settings.Fetching,
            People = settings.People,
        };
    }
}
