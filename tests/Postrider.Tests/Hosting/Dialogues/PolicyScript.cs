using System.Globalization;

namespace Postrider.Tests.Hosting.Dialogues;

/// <summary>
/// A dialogue with the whole server, as its configuration makes it: what its policy and its storage say. Each line is one of:
/// <code>
/// # any remark
/// {                        a line of the configuration, from the first brace at the start of a line to the last
/// FILE people.json {…}     a file beside the configuration
/// USER anna@example.org secret must-change=yes   an account, its password, and words of the file of accounts
/// DNS TXT|MX name text     what DNS says
/// DISK full|broken|well    what becomes of the disk
/// DISK room 100000         so many octets are free on it
/// FROM 192.0.2.7 25        a client connects from this address to this port, and the one before it hangs up
/// ALSO 192.0.2.8 25        the same, and the one before it stays
/// BACK                     the client hangs up, and the one before it goes on
/// C: EHLO client.example   it sends the line and CR LF;  C*200: so many times, \r\n breaks it
/// S: 250 2.1.0 Sender OK   the server says this line; * stands for any text
/// S*100: 250 OK            the same line so many times
/// S> EHLO mx.example.org   the same, where the roles have changed and it is no reply
/// S: &lt;close&gt;               the server closes, having said all this
/// LISTEN 192.0.2.9 25      somebody takes connections at this address, which the server may deliver to
/// ACCEPT                   the server connects there
/// T: EHLO mx.example.org   it says this line, as a client; * stands for any text
/// A: 250 2.0.0 OK          it is answered so
/// TERMINAL anna            a user opens a terminal
/// SHOWN Lunch?             the terminal shows this, and perhaps more
/// SKIP                     the server says a reply that this script is not about
/// LOGGED delivered         the log says this, sooner or later
/// TIME 5m                  the clock moves on (s, m, h)
/// </code>
/// The clock stands still otherwise, but for a script that has a line CLOCK RUNS.
/// </summary>
internal sealed class PolicyScript
{
    private PolicyScript(string name, string configuration, IReadOnlyList<(int Number, string Verb, string Text)> lines) =>
        (Name, Configuration, Lines) = (name, configuration, lines);

    private static readonly string folder = Path.Combine(AppContext.BaseDirectory, "Dialogues", "Policy");

    /// <summary>The scripts by file name.</summary>
    public static IEnumerable<string> Names => Directory.GetFiles(folder, "*.smtp").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal);

    public string Name { get; }

    public string Configuration { get; }

    public IReadOnlyList<(int Number, string Verb, string Text)> Lines { get; }

    public static PolicyScript Read(string name)
    {
        var configuration = new List<string>();
        var lines = new List<(int, string, string)>();
        var isInside = false;
        var number = 0;
        foreach (var line in File.ReadAllLines(Path.Combine(folder, name)))
        {
            number++;
            isInside |= line.StartsWith('{');
            if (isInside)
                configuration.Add(line);
            else if (line.Length > 0 && line[0] != '#')
                lines.Add(Parse(name, number, line));
            isInside &= !line.StartsWith('}');
        }
        return new PolicyScript(name, string.Join('\n', configuration), lines);
    }

    /// <summary>A time such as 90s.</summary>
    public static TimeSpan Time(string text)
    {
        var count = int.Parse(text[..^1], CultureInfo.InvariantCulture);
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            _ => throw new FormatException($"Not a time: {text}"),
        };
    }

    private static (int, string, string) Parse(string name, int number, string line)
    {
        var end = line.IndexOf(' ', StringComparison.Ordinal);
        var (verb, text) = end < 0 ? (line, "") : (line[..end], line[(end + 1)..]);
        var isKnown = verb is "FILE" or "USER" or "DNS" or "DISK" or "FROM" or "ALSO" or "BACK" or "SKIP" or "TIME" or "CLOCK" or "C:" or "S:" or "S>"
            or "LISTEN" or "ACCEPT" or "T:" or "A:" or "TERMINAL" or "SHOWN" or "LOGGED"
            || (verb is ['C' or 'S', '*', ..] && verb.EndsWith(':'));
        return isKnown ? (number, verb, text) : throw new FormatException($"{name}:{number}: not a line of a dialogue: {line}");
    }
}
