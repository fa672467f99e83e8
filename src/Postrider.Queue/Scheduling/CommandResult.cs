namespace Postrider.Queue.Scheduling;

/// <summary>What became of an operator's command.</summary>
public enum CommandResult
{
    /// <summary>It is done, and on stable storage.</summary>
    Done,

    /// <summary>An attempt is under way: it is done when that has ended, if anything is left then.</summary>
    AfterAttempt,

    /// <summary>There was nothing to do: it is so already.</summary>
    AlreadySo,

    /// <summary>The entry is held; release it first.</summary>
    IsHeld,

    /// <summary>There is no such entry (any more).</summary>
    NotFound,

    /// <summary>Another command is at work on it.</summary>
    Busy,

    /// <summary>The spool could not store it; nothing is changed.</summary>
    Failed,
}
