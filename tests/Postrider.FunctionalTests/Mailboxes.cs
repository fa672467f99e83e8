namespace Postrider.FunctionalTests;

/// <summary>The Maildirs of a server.</summary>
/// <param name="server">The server.</param>
public sealed class Mailboxes(ServerProcess server)
{
    /// <summary>The files of new messages in a mailbox; none where there is no such mailbox.</summary>
    public string[] In(string localPart, string domain)
    {
        var folder = Path.Combine(server.Mailbox($"{localPart}@{domain}"), "new");
        return Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
    }

    /// <summary>All new messages in all mailboxes.</summary>
    public string[] All()
    {
        var folder = Path.Combine(server.Data, "mail");
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(static file => Path.GetFileName(Path.GetDirectoryName(file)) == "new")]
            : [];
    }

    /// <summary>Waits until a mailbox holds so many new messages, and gives their files.</summary>
    public Task<string[]> ExpectAsync(string localPart, string domain, int count = 1) =>
        Eventually.FoundAsync(
            () => In(localPart, domain) is var files && files.Length >= count ? files : null,
            () => $"{localPart}@{domain} has {In(localPart, domain).Length} messages, not {count}:\n{server.Output}");
}
