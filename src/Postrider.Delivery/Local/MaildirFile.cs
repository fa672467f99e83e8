using Postrider.Delivery.People;
using Postrider.Queue.Disk;

namespace Postrider.Delivery.Local;

/// <summary>One file on its way into a mailbox.</summary>
internal sealed class MaildirFile(string root, string relativeFolder, string name, string temporaryName)
{
    public string Root => root;

    /// <summary>The mailbox's folder below the root, as texts about it name it.</summary>
    public string RelativeFolder => relativeFolder;

    /// <summary>The mailbox's folder.</summary>
    public string Folder { get; } = Path.Join(root, relativeFolder);

    public string Name => name;

    public string TemporaryPath { get; } = Path.Join(root, relativeFolder, "tmp", temporaryName);

    public string NewPath { get; } = Path.Join(root, relativeFolder, "new", name);

    /// <summary>The recipients whose mailbox it is, mostly one.</summary>
    public List<int> Recipients { get; } = new(1);

    /// <summary>Open while it is written and until it is synced.</summary>
    public IDiskFile? Handle { get; set; }

    public long Length { get; set; }

    /// <summary>How much the mailbox may hold.</summary>
    public MailboxQuota Quota { get; init; }

    /// <summary>Octets of the quota that are taken for it, or null.</summary>
    public long? Reserved { get; set; }

    /// <summary>Whether it was written and is where readers find it.</summary>
    public bool IsInPlace { get; set; }

    /// <summary>It was put there by an earlier attempt, of whose end nothing was known.</summary>
    public bool IsThereAlready { get; set; }

    /// <summary>The first error.</summary>
    public DiskError Error { get; private set; }

    /// <summary>What could not be done.</summary>
    public string FailedStep { get; private set; } = "";

    public bool HasFailed => Error.IsError;

    public void Fail(DiskError error, string step)
    {
        if (HasFailed || !error.IsError)
            return;
        Error = error;
        FailedStep = step;
    }

    /// <summary>Closes and removes what was written.</summary>
    public void Discard(IDisk disk)
    {
        if (Handle is null)
            return;
        Handle.Dispose();
        Handle = null;
        _ = disk.Delete(TemporaryPath);
    }
}
