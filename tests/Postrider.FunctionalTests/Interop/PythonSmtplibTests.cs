using System.Globalization;

namespace Postrider.FunctionalTests.Interop;

/// <summary>Python's smtplib sends into the server.</summary>
public sealed class PythonSmtplibTests
{
    private const string Script = """
        import smtplib, sys
        host, port, sender, recipients, options = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4].split(','), sys.argv[5:]
        with smtplib.SMTP(host, port, timeout=30) as server:
            server.ehlo()
            refused = server.sendmail(sender, recipients, sys.stdin.buffer.read(), mail_options=options)
            assert not refused, refused
            assert server.verify('someone')[0] == 252
            assert server.noop()[0] == 250
        """;

    [Fact]
    public async Task Eight_bit_content_arrives_unchanged_for_each_recipient()
    {
        var python = ExternalProgram.Require("python3");
        await using var server = await ServerProcess.StartAsync();

        await SendAsync(python, server, "b@example.net,c@example.org", "BODY=8BITMIME");

        foreach (var recipient in (string[])["b@example.net", "c@example.org"])
            SampleContent.AssertUnchanged(SampleContent.EightBit, await Maildir.ReadOneAsync(server.Mailbox(recipient)));
    }

    [Fact]
    public async Task Lines_over_998_octets_arrive_whole()
    {
        var python = ExternalProgram.Require("python3");
        await using var server = await ServerProcess.StartAsync();

        await python.RunAsync(SampleContent.LongLines, Arguments(server, "b@example.net", "BODY=8BITMIME"));

        SampleContent.AssertUnchanged(SampleContent.LongLines, await Maildir.ReadOneAsync(server.Mailbox("b@example.net")));
    }

    [Fact]
    public async Task An_internationalized_address_is_taken()
    {
        var python = ExternalProgram.Require("python3");
        await using var server = await ServerProcess.StartAsync();

        await SendAsync(python, server, "grün@example.net", "SMTPUTF8", "BODY=8BITMIME");

        await Eventually.TrueAsync(
            () => Directory.Exists(server.Data) && Directory.EnumerateFiles(server.Data, "*", SearchOption.AllDirectories).Any(static f => Path.GetFileName(Path.GetDirectoryName(f)) == "new"),
            () => "no message arrives; the server wrote:\n" + server.Output);
    }

    // What it says in each of its methods for the commands that carry no mail.
    [Fact]
    public async Task It_is_told_who_is_here()
    {
        const string asking = """
            import smtplib, sys
            with smtplib.SMTP(sys.argv[1], int(sys.argv[2]), timeout=30) as server:
                server.ehlo()
                for word in ('vrfy', 'expn', 'help', 'size'): assert server.has_extn(word), word
                print(server.verify('anna'))
                print(server.expn('team'))
                print(server.expn('nobody'))
                print(server.help('expn'))
                print(server.docmd('noop', 'with an argument'))
                print(server.mail('a@example.org'), server.rset(), server.rcpt('anna@example.org')[0])
            """;
        var python = ExternalProgram.Require("python3");
        await using var server = await ServerProcess.StartAsync(
            """{ "localDomains": [ "example.org" ], "people": "people.json", "mayAsk": { "networks": [ "127.0.0.0/8" ] } }""",
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["people.json"] = """
                    {
                      "users": { "anna": { "fullName": "Anna Smith" }, "bob": {} },
                      "lists": {
                        "team": { "owner": "anna", "members": [ "anna", "inner" ] },
                        "inner": { "owner": "anna", "members": [ "bob", "Emil <emil@elsewhere.example>" ] },
                      },
                    }
                    """,
            });

        var said = await python.RunAsync(default, "-c", asking, "127.0.0.1", server.EndPoint.Port.ToString(CultureInfo.InvariantCulture));

        Assert.Equal(
            """
            (250, b'2.1.5 Anna Smith <anna@example.org>')
            (250, b'2.1.5 Anna Smith <anna@example.org>\n2.1.5 <bob@example.org>\n2.1.5 Emil <emil@elsewhere.example>')
            (550, b'5.1.1 No such list here')
            b'2.0.0 EXPN list [SMTPUTF8] (RFC 5321 section 4.1.1.7)'
            (250, b'2.0.0 OK')
            (250, b'2.1.0 Sender OK') (250, b'2.0.0 Transaction forgotten') 503

            """,
            said);
    }

    private static Task<string> SendAsync(ExternalProgram python, ServerProcess server, string recipients, params string[] options) =>
        python.RunAsync(SampleContent.EightBit, Arguments(server, recipients, options));

    private static string[] Arguments(ServerProcess server, string recipients, params string[] options) =>
        ["-c", Script, "127.0.0.1", server.EndPoint.Port.ToString(CultureInfo.InvariantCulture), "sender@raw.example", recipients, .. options];
}
