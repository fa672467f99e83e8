using Microsoft.Extensions.Logging;
using Postrider.Delivery.Routing;
using Postrider.Queue.Outcomes;

namespace Postrider.Hosting.Events;

/// <summary>Logs what happens to queued mail, each once it is on stable storage.</summary>
internal sealed partial class QueueLog(Router router, ILogger<QueueLog> logger) : IQueueObserver
{
    public void Observe(QueueEvent happened)
    {
        switch (happened)
        {
            case AttemptEnded ended:
                LogOutcome(ended);
                break;
            case EnvelopeAccepted { Envelope: { Envelope.Release.At: { } until } kept } when until > happened.Time:
                LogKept(kept.Id, until.UtcDateTime);
                break;
            case FetchAwaited awaited:
                LogAwaited(awaited.Message, awaited.Reason);
                break;
            case ReportQueued report:
                LogReport(report.Message, report.Report, report.To.ToString(), report.Recipients);
                break;
            case ReportDropped dropped:
                LogNoReport(dropped.Message, dropped.Recipients, dropped.Reason);
                break;
            case EntryHeld held:
                LogHeld(held.Id, held.Reason);
                break;
            case EntryReleased released:
                LogReleased(released.Id);
                break;
            case EntryDeleted deleted:
                LogDeleted(deleted.Id, deleted.Recipients);
                break;
            case QueueTrouble trouble:
                LogTrouble(trouble.Id, trouble.What, trouble.Cause);
                break;
        }
    }

    private void LogOutcome(AttemptEnded ended)
    {
        if (!logger.IsEnabled(LogLevel.Information))
            return;
        var (sender, recipient, status) = (ended.ReversePath.ToString(), ended.Recipient.Mailbox.ToString(), ended.Status);
        var said = status.ReplyCode > 0 ? FormattableString.Invariant($"{status.ReplyCode} {status.Enhanced} {status.Text}") : $"{status.Enhanced} {status.Text}";
        if (status.RemoteHost is not null)
            said = $"{status.RemoteHost} said {said}";
        if (status.Protection is not null)
            said = $"{said} ({status.Protection})";
        switch (status.Result)
        {
            case DeliveryResult.Delivered when router.Current.FindTarget(ended.NextHop) is MaildirTarget maildir:
                LogDelivered(ended.Message, sender, recipient, maildir.FolderOf(ended.Recipient.Mailbox));
                break;
            case DeliveryResult.Delivered:
                LogDelivered(ended.Message, sender, recipient, said);
                break;
            case DeliveryResult.Relayed:
                LogRelayed(ended.Message, sender, recipient, said);
                break;
            case DeliveryResult.Expanded:
                LogExpanded(ended.Message, sender, recipient, status.Text);
                break;
            case DeliveryResult.Deferred:
                LogDeferred(ended.Message, sender, recipient, said, ended.Attempts, ended.NextAttempt);
                break;
            case DeliveryResult.Failed:
                LogGivenUp(ended.Message, sender, recipient, said);
                break;
        }
    }
}
