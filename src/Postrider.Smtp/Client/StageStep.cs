namespace Postrider.Smtp.Client;

/// <summary>Where a stage before MAIL stands after a reply.</summary>
public enum StageStep
{
    /// <summary>It has written a command, and waits for the reply.</summary>
    GoesOn,

    /// <summary>It goes on by <see cref="ClientStage.Resume"/> once its <see cref="ClientStage.Work"/> has been done.</summary>
    Works,

    /// <summary>It is over; the session goes on.</summary>
    Done,

    /// <summary>TLS is to begin now (RFC 3207 §4): what is known of the server is forgotten, and EHLO said again.</summary>
    UpgradeTls,

    /// <summary>The session is of no use: <see cref="ClientStage.Failure"/> says why. QUIT is said.</summary>
    Failed,
}
