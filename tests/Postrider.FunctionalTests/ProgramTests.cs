namespace Postrider.FunctionalTests;

public sealed class ProgramTests
{
    [Fact]
    public void The_program_is_an_executable_assembly() =>
        Assert.NotNull(System.Reflection.Assembly.Load("postrider").EntryPoint);
}
