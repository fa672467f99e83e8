using Microsoft.Extensions.Logging;

namespace Postrider.Serving;

/// <summary>What the sandbox prints: one line for each message and mailbox, once its file is there.</summary>
internal static class SandboxLines
{
    // ReceptionLog: the line of the delivery, a moment later, says the same and where the file is.
    private const int Accepted = 101;

    public static bool IsShown(EventId id) => id.Id != Accepted;
}
