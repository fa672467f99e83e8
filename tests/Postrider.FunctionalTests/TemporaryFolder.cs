namespace Postrider.FunctionalTests;

/// <summary>A folder of its own for a test, which goes with it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Makes the folder.</summary>
    /// <param name="purpose">A word that shows in its name.</param>
    public TemporaryFolder(string purpose) => Path = Directory.CreateTempSubdirectory("postrider-" + purpose + "-").FullName;

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>Lets other accounts look into it, as servers that give up root need.</summary>
    public void Open()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
