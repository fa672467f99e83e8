namespace Postrider.Transport.Dialing;

/// <summary>Does what takes a processor for tens of milliseconds, so that a session's thread need not. Safe for concurrent use.</summary>
public interface IHeavyWork
{
    /// <summary>Runs it, perhaps on another thread, perhaps after others.</summary>
    ValueTask RunAsync(Action work);
}
