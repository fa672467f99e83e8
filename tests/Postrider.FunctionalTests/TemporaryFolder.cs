namespace Postrider.FunctionalTests;

/// <summary>A folder of its own for a test, which goes with it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Makes the folder.</summary>
    /// <param name="purpose">A word that shows in its name.</param>
    public TemporaryFolder(string purpose) => Path = Directory.CreateTempSubdirectory("postrider-" + purpose + "-").FullName;

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
