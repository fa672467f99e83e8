using System.Text;
using System.Text.Json;

namespace Postrider.Configuration;

/// <summary>
/// Reads JSON (with comments and trailing commas) into nodes that know their line. It goes on after
/// a key that is given twice; broken syntax ends it, since nothing behind it can be trusted.
/// </summary>
internal static class SettingsDocument
{
    /// <summary>Reads a document. The root is an empty section where the syntax is broken.</summary>
    public static SettingsNode Read(ReadOnlySpan<byte> json, List<SettingsMistake> mistakes)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble))
            json = json[Encoding.UTF8.Preamble.Length..];
        var lines = new LineCounter(json);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            MaxDepth = 16,
        });
        try
        {
            reader.Read();
            var root = ReadValue(ref reader, ref lines, "", mistakes);
            reader.Read();
            if (root.Kind == SettingsKind.Section)
                return root;
            mistakes.Add(new SettingsMistake("", $"the file holds {root.Describe()}; it should hold one section {{ … }}.", root.Origin));
        }
        catch (JsonException broken)
        {
            var line = (int)(broken.LineNumber ?? 0) + 1;
            mistakes.Add(new SettingsMistake("", $"this is not JSON: {Reason(broken)}", new SettingsOrigin(line)));
        }
        return new SettingsNode(SettingsKind.Section, new SettingsOrigin(1));
    }

    private static SettingsNode ReadValue(ref Utf8JsonReader reader, ref LineCounter lines, string path, List<SettingsMistake> mistakes)
    {
        var origin = new SettingsOrigin(lines.At(reader.TokenStartIndex));
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var section = new SettingsNode(SettingsKind.Section, origin);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    var line = lines.At(reader.TokenStartIndex);
                    var memberPath = SettingsPath.Member(path, name);
                    reader.Read();
                    var value = ReadValue(ref reader, ref lines, memberPath, mistakes);
                    if (section.Find(name) is { } first)
                        mistakes.Add(new SettingsMistake(memberPath, $"is given twice; the first is on line {first.Origin.Line}. Remove one of them.", new SettingsOrigin(line)));
                    else
                        section.Members.Add(new(name, value));
                }
                return section;
            case JsonTokenType.StartArray:
                var list = new SettingsNode(SettingsKind.List, origin);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    list.Items.Add(ReadValue(ref reader, ref lines, SettingsPath.Item(path, list.Items.Count), mistakes));
                return list;
            case JsonTokenType.String:
                return new SettingsNode(SettingsKind.Text, origin, reader.GetString()!);
            case JsonTokenType.Number:
                return new SettingsNode(SettingsKind.Number, origin, Encoding.UTF8.GetString(reader.ValueSpan));
            case JsonTokenType.True or JsonTokenType.False:
                return new SettingsNode(SettingsKind.Boolean, origin, reader.TokenType == JsonTokenType.True ? "true" : "false");
            default:
                return new SettingsNode(SettingsKind.Null, origin, "null");
        }
    }

    // The reader's text ends with "LineNumber: 3 | BytePositionInLine: 4.", which is said before it already.
    private static string Reason(JsonException broken)
    {
        var end = broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? broken.Message : broken.Message[..end];
    }

    // Offsets come in rising order, but for a name that is reported after its value.
    private ref struct LineCounter(ReadOnlySpan<byte> json)
    {
        private readonly ReadOnlySpan<byte> text = json;
        private int line = 1;
        private int position;

        public int At(long offset)
        {
            if (offset < position)
                (line, position) = (1, 0);
            line += text[position..(int)offset].Count((byte)'\n');
            position = (int)offset;
            return line;
        }
    }
}
