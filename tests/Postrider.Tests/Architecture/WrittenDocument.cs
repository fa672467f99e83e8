namespace Postrider.Tests.Architecture;

/// <summary>A document that is made from the sources: a test holds the two together, and writes it where it is asked to.</summary>
internal static class WrittenDocument
{
    /// <summary>The document below docs/ is this text; with POSTRIDER_WRITE_DOCUMENTS set it becomes so.</summary>
    public static void AssertIs(string name, string text)
    {
        var file = Path.Combine(Repository.Root, "docs", name);
        if (Environment.GetEnvironmentVariable("POSTRIDER_WRITE_DOCUMENTS") is not null)
            File.WriteAllText(file, text);
        Assert.Equal(File.ReadAllText(file), text);
    }
}
