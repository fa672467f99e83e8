namespace Postrider.Load.Measuring;

/// <summary>How a run is cut.</summary>
/// <param name="WarmUp">What comes before the first window and does not count.</param>
/// <param name="Window">How long a window is.</param>
/// <param name="Messages">How many messages a window has, instead of its length; or null.</param>
/// <param name="Windows">How many there are.</param>
internal sealed record WindowSchedule(TimeSpan WarmUp, TimeSpan Window, int? Messages, int Windows);
