using FsCheck;
using FsCheck.Fluent;
using Postrider.Conformance.Dialogues;

namespace Postrider.Tests.Smtp.Server;

public sealed class DialogueTests
{
    public static TheoryData<string> Scripts => [.. DialogueFiles.Names];

    public static TheoryData<string> Cuttable => [.. DialogueFiles.Names.Where(name => DialogueFiles.Read(name).CanBeCut)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_server_says_what_the_script_says(string name) => DialogueFiles.Read(name).Play();

    [Theory]
    [MemberData(nameof(Cuttable))]
    public void The_transcript_is_the_same_for_every_cut_in_two(string name)
    {
        var script = DialogueFiles.Read(name);
        var expected = Summary(script.Play());
        for (var cut = 1; cut < script.ClientOctets.Length; cut++)
        {
            var first = cut;
            Assert.Equal(expected, Summary(script.PlayCut(left => first == 0 ? left : Interlocked.Exchange(ref first, 0))));
        }
    }

    [Theory]
    [MemberData(nameof(Cuttable))]
    public void The_transcript_is_the_same_octet_by_octet_and_all_at_once(string name)
    {
        var script = DialogueFiles.Read(name);
        var expected = Summary(script.Play());
        Assert.Equal(expected, Summary(script.PlayCut(_ => 1)));
        Assert.Equal(expected, Summary(script.PlayCut(left => left)));
    }

    [Fact]
    public void The_transcript_is_the_same_however_the_octets_are_cut()
    {
        var scripts = DialogueFiles.Names.Where(name => DialogueFiles.Read(name).CanBeCut).Select(name => (Name: name, Expected: Summary(DialogueFiles.Read(name).Play()))).ToArray();
        var cuts = Gen.ArrayOf(Gen.Frequency((3, Gen.Choose(1, 4)), (1, Gen.Choose(1, 200)))).Where(lengths => lengths.Length > 0);
        Prop.ForAll(Gen.Elements(scripts).Zip(cuts).ToArbitrary(), drawn =>
        {
            var ((name, expected), lengths) = drawn;
            var next = 0;
            return Summary(DialogueFiles.Read(name).PlayCut(_ => lengths[next++ % lengths.Length])) == expected;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static string Summary(SessionDriver driver) =>
        driver.Transcript + string.Concat(driver.Messages.Select(message =>
            $"\n{message.Describe()} {message.Facts} {Convert.ToHexString(message.Content)}")) + (driver.IsClosed ? "\nclosed" : "\nopen");
}
