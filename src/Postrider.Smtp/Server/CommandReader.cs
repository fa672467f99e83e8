using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Server;

/// <summary>How long a line may be that is longer than most, by its start; octets with CR LF.</summary>
internal delegate int LongLineLimit(ReadOnlySpan<byte> start);

/// <summary>
/// Cuts the input into command lines. Only CR LF ends one (RFC 5321 §2.3.8): of a line that holds a bare
/// CR, a bare LF or a NUL, or that is too long, nothing is carried out; it is answered once and skipped up
/// to its CR LF, so that no part of it is ever a command, and replies and lines stay in step.
/// </summary>
internal sealed class CommandReader(int limit, LongLineLimit longLine)
{
    private bool skipping;

    /// <summary>Reads one line, or reports one that is refused.</summary>
    /// <param name="input">What came.</param>
    /// <param name="line">The line without CR LF, where the result is true; of one that is refused, its start.</param>
    /// <param name="refusal">Why the line is refused, or null.</param>
    /// <param name="consumed">Octets done with.</param>
    /// <returns>False when more input is needed.</returns>
    public bool TryRead(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> line, out Reply? refusal, out int consumed)
    {
        line = default;
        refusal = null;
        consumed = 0;
        if (skipping)
        {
            consumed = Skip(input);
            if (skipping)
                return false;
            input = input[consumed..];
        }

        var end = input.IndexOf((byte)'\n');
        if ((end < 0 ? input.Length : end) is var length && length >= limit && length >= longLine(input))
        {
            line = input[..length];
            refusal = ReplyCatalogue.LineTooLong;
            skipping = true;
            return true;
        }
        if (end < 0)
            return false;
        if (end == 0 || input[end - 1] != '\r')
        {
            line = input[..end];
            refusal = ReplyCatalogue.BareLfInCommand;
            consumed += end + 1;
            skipping = true;
            return true;
        }

        consumed += end + 1;
        line = input[..(end - 1)];
        if (line.Contains((byte)'\r'))
            refusal = ReplyCatalogue.BareCrInCommand;
        else if (line.Contains((byte)0))
            refusal = ReplyCatalogue.NulInCommand;
        return true;
    }

    private int Skip(ReadOnlySpan<byte> input)
    {
        var end = input.IndexOf("\r\n"u8);
        if (end >= 0)
        {
            skipping = false;
            return end + 2;
        }
        // A CR at the end of the input may be half of the line's end.
        return input is [.., (byte)'\r'] ? input.Length - 1 : input.Length;
    }
}
