namespace Postrider.Tests.Architecture;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder that holds Postrider.slnx.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Postrider.slnx")))
                return folder.FullName;
        }
        throw new InvalidOperationException($"No Postrider.slnx above {AppContext.BaseDirectory}.");
    }
}
