namespace Postrider.Tests.Architecture;

/// <summary>Holds the table of ARCHITECTURE.md: who may refer to whom, and what a part never touches.</summary>
public sealed class BoundaryTests
{
    // A part that does no I/O, reads no clock, draws no random number, writes no log.
    private static readonly string[] Impure =
    [
        "System.Net.Sockets.", "System.Net.Security.", "System.Threading.", "System.IO.Stream", "System.IO.File", "System.IO.Directory",
        "System.TimeProvider", "System.Random", "System.Diagnostics.Stopwatch", "System.Security.Cryptography.RandomNumberGenerator",
        "Microsoft.Extensions.",
    ];

    private static readonly string[] ImpureMembers =
    [
        "System.DateTime::get_Now", "System.DateTime::get_UtcNow", "System.DateTimeOffset::get_Now", "System.DateTimeOffset::get_UtcNow",
        "System.Guid::NewGuid", "System.Environment::get_TickCount", "System.Environment::get_TickCount64",
    ];

    private static readonly string[] WebAndSockets = ["Microsoft.AspNetCore.", "System.Net.Sockets.", "System.Net.Security."];

    private static readonly string[] Logging = ["Microsoft.Extensions.Logging."];

    public static TheoryData<string, string[], string[]> Table() => new()
    {
        { "Postrider.Smtp", [], Impure },
        { "Postrider.Mime", ["Postrider.Smtp"], Impure },
        { "Postrider.Resolver", [], ["Microsoft.", "System.Random", "System.Net.Mail.", "System.Net.Security."] },
        { "Postrider.Transport", ["Postrider.Smtp"], ["System.Net.Dns", "Microsoft.AspNetCore.", "Microsoft.Extensions."] },
        { "Postrider.Queue", ["Postrider.Smtp", "Postrider.Mime"], [.. WebAndSockets, "System.Net.Dns", .. Logging] },
        { "Postrider.Delivery", ["Postrider.Smtp", "Postrider.Mime", "Postrider.Queue", "Postrider.Transport"], WebAndSockets },
        {
            "Postrider.Hosting",
            ["Postrider.Smtp", "Postrider.Mime", "Postrider.Queue", "Postrider.Resolver", "Postrider.Transport", "Postrider.Delivery"],
            ["Microsoft.AspNetCore.", "Microsoft.Extensions.Configuration.", "System.Text.Json.Utf8JsonReader", "System.Text.Json.JsonSerializer"]
        },
        { "Postrider.Testing", ["Postrider.Smtp", "Postrider.Mime", "Postrider.Queue", "Postrider.Resolver", "Postrider.Transport"], ["Xunit.", "Microsoft.AspNetCore."] },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_part_refers_only_to_what_it_may(string assembly, string[] mayReference, string[] neverTouches)
    {
        var references = AssemblyReferences.Read(assembly);

        var strangers = references.Assemblies
            .Where(name => name.StartsWith("Postrider", StringComparison.Ordinal) && !mayReference.Contains(name, StringComparer.Ordinal));
        Assert.Empty(strangers);

        var touched = references.Types
            .Where(type => Array.Exists(neverTouches, banned => type.StartsWith(banned, StringComparison.Ordinal)))
            // A kind of address is no socket, whatever its namespace says.
            .Where(type => type != "System.Net.Sockets.AddressFamily");
        Assert.Empty(touched);
    }

    [Theory]
    [InlineData("Postrider.Smtp")]
    [InlineData("Postrider.Mime")]
    public void A_pure_part_reads_no_clock_and_makes_no_identifier(string assembly) =>
        Assert.Empty(AssemblyReferences.Read(assembly).Members.Intersect(ImpureMembers, StringComparer.Ordinal));

    [Fact]
    public void The_reader_sees_what_it_looks_for()
    {
        // A boundary test that cannot see is green for ever: this assembly does what the parts must not.
        using var source = new CancellationTokenSource();
        var references = AssemblyReferences.Read("Postrider.Tests");
        Assert.Contains("System.Threading.CancellationTokenSource", references.Types);
        Assert.Contains("System.Threading.CancellationTokenSource::.ctor", references.Members);
        Assert.Contains("Postrider.Smtp", references.Assemblies);
    }

    [Fact]
    public void No_namespace_or_type_hides_a_name_of_the_framework()
    {
        string[] namespaces = ["Net", "Dns", "Console", "Message"];
        string[] types = ["Message", "Queue"];
        var library = Table().Select(row => System.Reflection.Assembly.Load(row.Data.Item1)).SelectMany(assembly => assembly.GetTypes()).ToList();
        Assert.NotEmpty(library);
        Assert.Empty(library.Where(type => (type.Namespace ?? "").Split('.').Intersect(namespaces, StringComparer.Ordinal).Any()));
        Assert.Empty(library.Where(type => types.Contains(type.Name, StringComparer.Ordinal)));
    }
}
