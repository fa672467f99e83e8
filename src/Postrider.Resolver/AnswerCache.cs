using Postrider.Resolver.Records;

namespace Postrider.Resolver;

/// <summary>Answers that are still good, within a bound: where it is reached, what has come first goes first.</summary>
internal sealed class AnswerCache(int places)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Name, RecordType Type), (DnsAnswer Answer, long Until)> answers = [];
    private readonly Queue<(string Name, RecordType Type)> order = new();

    public DnsAnswer? Find(string name, RecordType type, long now)
    {
        lock (gate)
            return answers.TryGetValue((name, type), out var kept) && kept.Until > now ? kept.Answer : null;
    }

    public void Keep(string name, RecordType type, DnsAnswer answer, long until)
    {
        lock (gate)
        {
            if (!answers.ContainsKey((name, type)))
            {
                while (order.Count >= places)
                    answers.Remove(order.Dequeue());
                order.Enqueue((name, type));
            }
            answers[(name, type)] = (answer, until);
        }
    }
}
