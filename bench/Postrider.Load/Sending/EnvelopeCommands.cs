using System.Text;
using Postrider.Load.Accounting;

namespace Postrider.Load.Sending;

/// <summary>The commands of each set of recipients, as they go over the wire.</summary>
internal sealed class EnvelopeCommands
{
    private readonly byte[][][] single;
    private readonly byte[][] together;

    public EnvelopeCommands(LoadOptions options)
    {
        var plan = options.Recipients;
        single = [.. Enumerable.Range(0, plan.Sets).Select(set => Commands(options.Sender, plan, set))];
        together = [.. single.Select(static commands => commands.SelectMany(static c => c).ToArray())];
        Count = plan.Each + 2;
    }

    /// <summary>How many commands, and replies, a transaction has before its content.</summary>
    public int Count { get; }

    /// <summary>All commands of a message in one.</summary>
    public byte[] Together(int number) => together[number % together.Length];

    /// <summary>One command of a message.</summary>
    public byte[] Single(int number, int index) => single[number % single.Length][index];

    private static byte[][] Commands(string sender, RecipientPlan plan, int set) =>
    [
        Encoding.UTF8.GetBytes($"MAIL FROM:<{sender}>\r\n"),
        .. Enumerable.Range(0, plan.Each).Select(slot => Encoding.UTF8.GetBytes($"RCPT TO:<{plan.Address(set, slot)}>\r\n")),
        "DATA\r\n"u8.ToArray(),
    ];
}
