namespace Postrider.Tests.Smtp.Client;

public sealed class ClientDialogueTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Dialogues", "Client");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Folder, "*.smtp").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_dialogue_goes_as_written(string name) => Load(name).Play(length => length);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_dialogue_goes_the_same_octet_by_octet(string name)
    {
        var dialogue = Load(name);
        if (!dialogue.IsWhole)
            dialogue.Play(_ => 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_dialogue_goes_the_same_however_it_is_cut(string name)
    {
        var dialogue = Load(name);
        if (dialogue.IsWhole)
            return;
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            dialogue.Play(length => random.Next(1, length + 1));
        }
    }

    private static ClientDialogue Load(string name) =>
        ClientDialogue.Parse(File.ReadAllText(Path.Combine(Folder, name + ".smtp")));
}
