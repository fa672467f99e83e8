using System.Text;

namespace Postrider.Queue.Spool.Log;

/// <summary>Next hops by number, each string once, as long as an entry uses it. Not synchronized.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;
    private readonly List<(string? Name, int Users)> names = [];
    private readonly Stack<int> free = [];

    public NameTable() => lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Count => numbers.Count;

    public string this[int number] => names[number].Name!;

    /// <summary>The number of a name in UTF-8, which has one user more.</summary>
    public int Use(ReadOnlySpan<byte> name)
    {
        Span<char> text = name.Length <= 512 ? stackalloc char[512] : new char[name.Length];
        text = text[..Encoding.UTF8.GetChars(name, text)];
        if (lookup.TryGetValue(text, out var number))
        {
            names[number] = (names[number].Name, names[number].Users + 1);
            return number;
        }
        var added = text.ToString();
        if (free.TryPop(out number))
        {
            names[number] = (added, 1);
        }
        else
        {
            number = names.Count;
            names.Add((added, 1));
        }
        numbers.Add(added, number);
        return number;
    }

    /// <summary>One user less.</summary>
    public void Release(int number)
    {
        var (name, users) = names[number];
        if (users > 1)
        {
            names[number] = (name, users - 1);
            return;
        }
        names[number] = default;
        numbers.Remove(name!);
        free.Push(number);
    }
}
