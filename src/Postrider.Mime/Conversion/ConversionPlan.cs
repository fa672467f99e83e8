namespace Postrider.Mime.Conversion;

/// <summary>What a server that a message goes to can take of it.</summary>
/// <param name="EightBit">Octets above 127 in lines (RFC 6152); nothing but lines is taken in any case.</param>
/// <param name="Utf8Header">Header sections in UTF-8 (RFC 6531).</param>
/// <param name="MostParts">How many parts are looked at; a message with more is not converted.</param>
public readonly record struct ContentForm(bool EightBit, bool Utf8Header, int MostParts = 1000);

/// <summary>What becomes of a part.</summary>
internal enum PartAction : byte
{
    Keep = 0,
    DropLabel,
    LabelEightBit,
    QuotedPrintable,
    Base64,
}

/// <summary>
/// Looks a message through and decides, part by part, how it is made into what a server takes (RFC 2045 §6, RFC 6152 §3).
/// Parts that must not change, or cannot, make it impossible.
/// </summary>
public sealed class ConversionPlan
{
    // RFC 5321 §4.5.3.1.6.
    private const int LongestLine = 998;

    private readonly Examination examination;

    /// <summary>Begins to look a message through.</summary>
    /// <param name="form">What is to be made of it.</param>
    public ConversionPlan(ContentForm form) => examination = new Examination(form);

    /// <summary>Why it cannot be converted, or null.</summary>
    public string? Fault => examination.Fault;

    /// <summary>Whether anything has to change.</summary>
    public bool IsNeeded => examination.IsNeeded;

    internal IReadOnlyList<PartAction> Actions => examination.Actions;

    internal bool LacksVersion => examination.LacksVersion;

    /// <summary>Looks at the next slice of the message.</summary>
    public void Examine(ReadOnlySpan<byte> content) => examination.Advance(content);

    /// <summary>The message has ended.</summary>
    public void End() => examination.End();

    private sealed class Examination(ContentForm form) : StructureWalker(form.MostParts)
    {
        private readonly List<PartAction> actions = [];
        private long length;
        private long high;
        private long lineLength;
        private long longest;
        private bool hasBare;
        private bool hasNul;

        public IReadOnlyList<PartAction> Actions => actions;

        public bool IsNeeded { get; private set; }

        public bool LacksVersion { get; private set; }

        protected override void OnField(ReadOnlySpan<byte> raw, bool isEncoding)
        {
            if (!form.Utf8Header && raw.ContainsAnyInRange((byte)0x80, (byte)0xFF))
                Fault = "a header section is not ASCII";
        }

        protected override void OnHeaderEnd(ReadOnlySpan<byte> emptyLine)
        {
            if (Current.Index == 0)
                LacksVersion = !Current.HasVersion;
            // The label may not say more than the server takes; by itself it is no reason for a change.
            actions.Add((Current.Encoding, form.EightBit) switch
            {
                _ when Current.IsSigned => PartAction.Keep,
                (PartEncoding.EightBit or PartEncoding.Binary, false) => PartAction.DropLabel,
                (PartEncoding.Binary, true) => PartAction.LabelEightBit,
                _ => PartAction.Keep,
            });
            (length, high, lineLength, longest, hasBare, hasNul) = (0, 0, 0, 0, false, false);
        }

        protected override void OnContent(ReadOnlySpan<byte> content)
        {
            length += content.Length;
            lineLength += content.Length;
            foreach (var octet in content)
                high += octet >> 7;
            hasBare |= content.ContainsAny((byte)'\r', (byte)'\n');
            hasNul |= content.Contains((byte)0);
        }

        protected override void OnLineEnd()
        {
            length += 2;
            longest = Math.Max(longest, lineLength);
            lineLength = 0;
        }

        protected override void OnContentEnd(bool isAtEnd)
        {
            longest = Math.Max(longest, lineLength);
            var mustChange = (high > 0 && !form.EightBit) || hasBare || hasNul;
            if (!mustChange && (longest <= LongestLine || Current.Encoding == PartEncoding.Encoded || Current.IsSigned || !Current.Type.MayBeEncoded))
                return;
            if (Current.Encoding == PartEncoding.Encoded || !Current.Type.MayBeEncoded)
                Fault = $"a part of type {Current.Type.Type}/{Current.Type.Subtype} cannot be encoded";
            NeedChange("a part");
            // RFC 2045 §6.7, §6.8: what is mostly readable stays so; each octet above 127 takes three in the one, four thirds in the other.
            actions[Current.Index] = Current.Type.Type == "text" && !hasBare && !hasNul && high * 6 <= length ? PartAction.QuotedPrintable : PartAction.Base64;
        }

        // What belongs to no part is read by nobody (RFC 2046 §5.1.1).
        protected override void OnOutside(ReadOnlySpan<byte> octets)
        {
            if (Outside.IsForeign(octets, form.EightBit))
                NeedChange("what stands between the parts");
        }

        private void NeedChange(string what)
        {
            IsNeeded = true;
            if (Current.IsSigned)
                Fault ??= $"{what} would have to change that a signature covers";
        }
    }
}
