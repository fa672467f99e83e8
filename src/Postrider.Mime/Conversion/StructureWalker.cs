using System.Text;

namespace Postrider.Mime.Conversion;

/// <summary>
/// Goes through a message that comes in slices and tells its parts apart: header fields, content of the parts that
/// hold no others, and what stands around them (RFC 2046 §5.1). Holds a line or a field at a time, and no content;
/// depth and number of parts are bounded.
/// </summary>
internal abstract class StructureWalker(int mostParts)
{
    private const int LongestField = 16 * 1024;
    private const int MostDepth = 50;

    private readonly byte[] line = new byte[LongestField];
    private readonly List<MimePart> open = [];
    private readonly List<byte> field = [];
    private Place place = Place.Header;
    private int lineLength;
    private bool isCollecting;
    private bool isAfterField;
    private bool hasCr;
    private bool hasLineEnd;
    private int parts = 1;

    private enum Place
    {
        Header,
        Content,
        Outside,
    }

    /// <summary>The part that is being read.</summary>
    protected MimePart Current { get; private set; } = new(0, null, isMessage: true);

    /// <summary>Why the structure cannot be followed, or null.</summary>
    public string? Fault { get; private protected set; }

    /// <summary>Takes the next slice.</summary>
    public void Advance(ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty && Fault is null)
            input = input[(place == Place.Header || isCollecting ? Collect(input) : Pass(input))..];
    }

    /// <summary>The message has ended.</summary>
    public void End()
    {
        if (Fault is null && lineLength > 0)
            TakeLine(line.AsSpan(0, lineLength));
        if (Fault is not null)
            return;
        if (place == Place.Header)
        {
            EndField();
            OnHeaderEnd([]);
            place = Place.Content;
        }
        if (hasCr)
            Give("\r"u8);
        GiveLineEnd();
        if (place == Place.Content)
            OnContentEnd(isAtEnd: true);
    }

    /// <summary>A field of the current part's header, or a part of one, as it stands there.</summary>
    protected abstract void OnField(ReadOnlySpan<byte> raw, bool isEncoding);

    /// <summary>The current part's header is over.</summary>
    /// <param name="emptyLine">Its empty line, where it has one.</param>
    protected abstract void OnHeaderEnd(ReadOnlySpan<byte> emptyLine);

    /// <summary>Content of the current part; CR and LF in it are bare ones.</summary>
    protected abstract void OnContent(ReadOnlySpan<byte> content);

    /// <summary>A line of the current part's content ends.</summary>
    protected abstract void OnLineEnd();

    /// <summary>The content of the current part is over.</summary>
    protected abstract void OnContentEnd(bool isAtEnd);

    /// <summary>Octets that belong to no part: delimiters, and what stands before and behind the parts.</summary>
    protected abstract void OnOutside(ReadOnlySpan<byte> octets);

    // Gathers a line of a header, or one that may be a delimiter, up to its LF.
    private int Collect(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf((byte)'\n');
        var count = Math.Min(end < 0 ? input.Length : end + 1, line.Length - lineLength);
        input[..count].CopyTo(line.AsSpan(lineLength));
        lineLength += count;
        var gathered = line.AsSpan(0, lineLength);
        var isWhole = gathered[^1] == '\n';
        if (place == Place.Header)
        {
            if (!isWhole && lineLength == line.Length)
                Fault = "a line of a header is too long to be read";
            else if (isWhole && gathered is not [.., (byte)'\r', (byte)'\n'])
                Fault = "a header has a bare LF in it";
            else if (isWhole)
                TakeLine(gathered);
        }
        else if (!"--"u8.StartsWith(gathered[..Math.Min(2, lineLength)]) || (isWhole && gathered is not [.., (byte)'\r', (byte)'\n']) || lineLength == line.Length)
        {
            GiveCollected(gathered);
        }
        else if (isWhole)
        {
            TakeLine(gathered);
        }
        return count;
    }

    private void GiveCollected(ReadOnlySpan<byte> gathered)
    {
        isCollecting = false;
        lineLength = 0;
        while (!gathered.IsEmpty)
            gathered = gathered[Pass(gathered)..];
    }

    // Content up to the end of its line.
    private int Pass(ReadOnlySpan<byte> input)
    {
        if (hasCr)
        {
            hasCr = false;
            if (input[0] == '\n')
            {
                EndLine();
                return 1;
            }
            Give("\r"u8);
        }
        var cr = input.IndexOf((byte)'\r');
        if (cr != 0)
            Give(cr < 0 ? input : input[..cr]);
        if (cr < 0)
            return input.Length;
        if (cr == input.Length - 1)
        {
            hasCr = true;
            return input.Length;
        }
        if (input[cr + 1] == '\n')
        {
            EndLine();
            return cr + 2;
        }
        Give("\r"u8);
        return cr + 1;
    }

    private void EndLine()
    {
        GiveLineEnd();
        hasLineEnd = true;
        isCollecting = open.Count > 0;
    }

    private void Give(ReadOnlySpan<byte> octets)
    {
        GiveLineEnd();
        if (place == Place.Content)
            OnContent(octets);
        else
            OnOutside(octets);
    }

    // The line end before a delimiter belongs to that (RFC 2046 §5.1.1), so that each is kept until more has come.
    private void GiveLineEnd()
    {
        if (!hasLineEnd)
            return;
        hasLineEnd = false;
        if (place == Place.Content)
            OnLineEnd();
        else
            OnOutside("\r\n"u8);
    }

    private void TakeLine(ReadOnlySpan<byte> whole)
    {
        if (Delimits(whole, out var closing) is >= 0 and var at)
        {
            lineLength = 0;
            TakeDelimiter(at, closing, whole);
        }
        else if (place != Place.Header)
        {
            GiveCollected(whole);
        }
        else
        {
            lineLength = 0;
            TakeHeaderLine(whole);
        }
    }

    // The innermost multipart that a line delimits, or -1.
    private int Delimits(ReadOnlySpan<byte> whole, out bool closing)
    {
        closing = false;
        if (!whole.StartsWith("--"u8))
            return -1;
        var text = whole[2..].TrimEnd(" \t\r\n"u8);
        for (var i = open.Count - 1; i >= 0; i--)
        {
            var boundary = open[i].Type.Boundary!;
            if (text.Length < boundary.Length || !IsText(text[..boundary.Length], boundary))
                continue;
            var rest = text[boundary.Length..];
            closing = rest.SequenceEqual("--"u8);
            if (closing || rest.IsEmpty)
                return i;
        }
        return -1;
    }

    private static bool IsText(ReadOnlySpan<byte> octets, string text)
    {
        for (var i = 0; i < octets.Length; i++)
        {
            if (octets[i] != text[i])
                return false;
        }
        return true;
    }

    private void TakeDelimiter(int at, bool closing, ReadOnlySpan<byte> whole)
    {
        if (place == Place.Header)
        {
            // A part of nothing but a header.
            EndField();
            OnHeaderEnd([]);
            place = Place.Content;
        }
        if (place == Place.Content)
            OnContentEnd(isAtEnd: false);
        place = Place.Outside;
        GiveLineEnd();
        OnOutside(whole);
        var multipart = open[at];
        open.RemoveRange(at + (closing ? 0 : 1), open.Count - at - (closing ? 0 : 1));
        isCollecting = open.Count > 0;
        if (!closing)
            Begin(multipart, isMessage: false);
    }

    private void Begin(MimePart parent, bool isMessage)
    {
        if (++parts > mostParts || parent.Depth + 1 > MostDepth)
            Fault = "it has more parts than are looked through";
        Current = new MimePart(parts - 1, parent, isMessage);
        place = Place.Header;
        isAfterField = false;
    }

    private void TakeHeaderLine(ReadOnlySpan<byte> whole)
    {
        if (whole.SequenceEqual("\r\n"u8))
        {
            EndField();
            OnHeaderEnd(whole);
            EnterContent();
            return;
        }
        if (whole[0] is (byte)' ' or (byte)'\t')
        {
            if (!isAfterField)
                Fault = "a header begins with no field";
            else if (field.Count > 0)
                Keep(whole);
            else
                OnField(whole, isEncoding: false);
            return;
        }
        EndField();
        var colon = whole.IndexOf((byte)':');
        if (colon < 1 || whole[..colon].TrimEnd(" \t"u8).ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            Fault = "a header has a line in it that is no field";
            return;
        }
        isAfterField = true;
        if (IsField(whole, "content-type"u8) || IsField(whole, "content-transfer-encoding"u8) || IsField(whole, "mime-version"u8))
            Keep(whole);
        else
            OnField(whole, isEncoding: false);
    }

    private void Keep(ReadOnlySpan<byte> whole)
    {
        if (field.Count + whole.Length > LongestField)
            Fault = "a field is too long to be read";
        else
            field.AddRange(whole);
    }

    private void EndField()
    {
        if (field.Count == 0)
            return;
        var raw = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(field);
        var value = raw[(raw.IndexOf((byte)':') + 1)..];
        var isEncoding = IsField(raw, "content-transfer-encoding"u8);
        if (isEncoding)
        {
            Current.Encoding = ContentType.FirstToken(value) switch
            {
                "7bit" or "" => PartEncoding.SevenBit,
                "8bit" => PartEncoding.EightBit,
                "binary" => PartEncoding.Binary,
                _ => PartEncoding.Encoded,
            };
        }
        else if (IsField(raw, "content-type"u8))
        {
            Current.Type = ContentType.Read(value);
            Current.HasType = true;
        }
        else
        {
            Current.HasVersion = true;
        }
        OnField(raw, isEncoding);
        field.Clear();
    }

    private static bool IsField(ReadOnlySpan<byte> raw, ReadOnlySpan<byte> name) =>
        raw.Length > name.Length && Ascii.EqualsIgnoreCase(raw[..name.Length], name) && raw[name.Length..].TrimStart(" \t"u8) is [(byte)':', ..];

    private void EnterContent()
    {
        if (Current.HoldsMessage)
        {
            Begin(Current, isMessage: true);
            return;
        }
        if (Current.IsMultipart)
            open.Add(Current);
        place = Current.IsMultipart ? Place.Outside : Place.Content;
        isCollecting = open.Count > 0;
    }
}
