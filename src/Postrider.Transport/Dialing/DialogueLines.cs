using System.Text;
using Postrider.Smtp.Tls;

namespace Postrider.Transport.Dialing;

/// <summary>Cuts the octets of a connection into lines for an observer.</summary>
internal sealed class DialogueLines(IDialogueObserver observer)
{
    // A server that never ends its line is cut off by the session; the observer does not keep it either.
    private const int MaxLine = 8_192;

    private const string Hidden = "(hidden)";

    private readonly List<byte> partial = [];

    public void Sent(ReadOnlySpan<byte> commands, bool isSecret)
    {
        while (commands.IndexOf((byte)'\n') is var end and >= 0)
        {
            var line = Encoding.UTF8.GetString(commands[..end].TrimEnd((byte)'\r'));
            observer.Sent(isSecret ? WithoutSecret(line) : line);
            commands = commands[(end + 1)..];
        }
    }

    // What a server of SCRAM says is enough to try passwords with, as many as one likes.
    private static string WithoutChallenge(string line) =>
        line.StartsWith("334 ", StringComparison.Ordinal) && line.Length > 4 ? $"334 {Hidden}" : line;

    // Of an exchange of credentials only the mechanism is shown, and a "*" that gives it up.
    private static string WithoutSecret(string line)
    {
        if (line == "*" || !line.StartsWith("AUTH ", StringComparison.Ordinal))
            return line == "*" ? line : Hidden;
        var behindMechanism = line.IndexOf(' ', "AUTH ".Length);
        return behindMechanism < 0 ? line : $"{line[..behindMechanism]} {Hidden}";
    }

    public void BeganTls(TlsFacts facts) => observer.BeganTls(facts);

    public void SentContent(long octets) => observer.SentContent(octets);

    public void Received(ReadOnlySpan<byte> input)
    {
        foreach (var octet in input)
        {
            if (octet != '\n' && partial.Count < MaxLine)
            {
                partial.Add(octet);
                continue;
            }
            observer.Received(WithoutChallenge(Encoding.UTF8.GetString([.. partial]).TrimEnd('\r')));
            partial.Clear();
        }
    }
}
