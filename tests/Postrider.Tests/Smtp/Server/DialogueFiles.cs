using Postrider.Conformance.Dialogues;

namespace Postrider.Tests.Smtp.Server;

/// <summary>The dialogue scripts of the server, by file name.</summary>
internal static class DialogueFiles
{
    private static readonly string folder = Path.Combine(AppContext.BaseDirectory, "Dialogues", "Server");

    public static IEnumerable<string> Names => Directory.GetFiles(folder, "*.smtp").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal);

    public static DialogueScript Read(string name) => DialogueScript.Parse(name, File.ReadAllText(Path.Combine(folder, name)));
}
