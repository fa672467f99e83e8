namespace Postrider.Tests.Hosting.Dialogues;

public sealed class PolicyScriptTests
{
    public static TheoryData<string> Scripts => [.. PolicyScript.Names];

    [Theory]
    [MemberData(nameof(Scripts))]
    public Task The_server_says_what_the_script_says(string name) => PolicyStage.PlayAsync(PolicyScript.Read(name));
}
