using System.Text;

namespace Postrider.Queue.Spool.Log;

/// <summary>Next hops by number, each string once, as long as an entry uses it. Not synchronized.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<(string? Name, int Users)> _names = [];
    private readonly Stack<int> _free = [];

    public NameTable() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Count => _numbers.Count;

    public string this[int number] => _names[number].Name!;

    /// <summary>The number of a name in UTF-8, which has one user more.</summary>
    public int Use(ReadOnlySpan<byte> name)
    {
        Span<char> text = name.Length <= 512 ? stackalloc char[512] : new char[name.Length];
        text = text[..Encoding.UTF8.GetChars(name, text)];
        if (_lookup.TryGetValue(text, out var number))
        {
            _names[number] = (_names[number].Name, _names[number].Users + 1);
            return number;
        }
        var added = text.ToString();
        if (_free.TryPop(out number))
        {
            _names[number] = (added, 1);
        }
        else
        {
            number = _names.Count;
            _names.Add((added, 1));
        }
        _numbers.Add(added, number);
        return number;
    }

    /// <summary>One user less.</summary>
    public void Release(int number)
    {
        var (name, users) = _names[number];
        if (users > 1)
        {
            _names[number] = (name, users - 1);
            return;
        }
        _names[number] = default;
        _numbers.Remove(name!);
        _free.Push(number);
    }
}
