using Postrider.Smtp.Content;

namespace Postrider.Tests.Smtp.Content;

/// <summary>The rules of <see cref="ContentScanner"/> once more, an octet at a time and as plainly as can be.</summary>
internal sealed class ReferenceScanner
{
    private readonly List<byte> content = [];
    private State state = State.LineStart;
    private long line;
    private long longest;
    private bool high;
    private bool bareCr;
    private bool bareLf;
    private bool nul;
    private long header;

    private enum State
    {
        LineStart,
        InLine,
        AfterCr,
        Dot,
        DotCr,
        Ended,
    }

    public byte[] Content => [.. content];

    public bool IsEnded => state == State.Ended;

    public ContentFacts Facts => new(content.Count, longest, high, bareCr, bareLf, nul) { HeaderLength = header };

    /// <summary>Takes one octet; false when the data has ended before it.</summary>
    public bool Take(byte octet)
    {
        switch (state)
        {
            case State.Ended:
                return false;
            case State.LineStart when octet == '.':
                state = State.Dot;
                return true;
            case State.Dot when octet == '\r':
                state = State.DotCr;
                return true;
            case State.DotCr when octet == '\n':
                state = State.Ended;
                return true;
            case State.DotCr:
                state = State.InLine;
                Keep((byte)'\r');
                break;
        }
        Keep(octet);
        return true;
    }

    private void Keep(byte octet)
    {
        var afterCr = state == State.AfterCr;
        content.Add(octet);
        high |= octet >= 0x80;
        nul |= octet == 0;
        bareLf |= octet == '\n' && !afterCr;
        bareCr |= octet != '\n' && afterCr;
        if (octet == '\n' && afterCr)
        {
            line--;
            longest = Math.Max(longest, line);
            if (line == 0 && header == 0)
                header = content.Count;
            line = 0;
            state = State.LineStart;
            return;
        }
        line++;
        state = octet == '\r' ? State.AfterCr : State.InLine;
    }
}
