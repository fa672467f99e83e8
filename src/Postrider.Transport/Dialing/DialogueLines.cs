using System.Text;

namespace Postrider.Transport.Dialing;

/// <summary>Cuts the octets of a connection into lines for an observer.</summary>
internal sealed class DialogueLines(IDialogueObserver observer)
{
    // A server that never ends its line is cut off by the session; the observer does not keep it either.
    private const int MaxLine = 8_192;

    private readonly List<byte> partial = [];

    public void Sent(ReadOnlySpan<byte> commands)
    {
        while (commands.IndexOf((byte)'\n') is var end and >= 0)
        {
            observer.Sent(Encoding.UTF8.GetString(commands[..end].TrimEnd((byte)'\r')));
            commands = commands[(end + 1)..];
        }
    }

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
            observer.Received(Encoding.UTF8.GetString([.. partial]).TrimEnd('\r'));
            partial.Clear();
        }
    }
}
