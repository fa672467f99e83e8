using System.Buffers;
using System.Buffers.Text;

namespace Postrider.Mime.Conversion;

/// <summary>
/// Makes of a message, as it comes in slices, what its <see cref="ConversionPlan"/> says: parts are encoded, their
/// labels changed, all else stays as it is. Holds a line at most.
/// </summary>
public sealed class ContentConverter
{
    private readonly Writing writing;

    /// <summary>Begins to convert a message that has been looked through.</summary>
    /// <param name="plan">Made of the same octets.</param>
    /// <param name="form">The form that it was made for.</param>
    /// <param name="output">Takes the converted message.</param>
    /// <exception cref="ArgumentException">The plan says that it cannot be converted.</exception>
    public ContentConverter(ConversionPlan plan, ContentForm form, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(output);
        if (plan.Fault is not null)
            throw new ArgumentException($"The message cannot be converted: {plan.Fault}.", nameof(plan));
        writing = new Writing(plan, form, output);
    }

    /// <summary>Converts the next slice.</summary>
    public void Convert(ReadOnlySpan<byte> content) => writing.Advance(content);

    /// <summary>The message has ended.</summary>
    public void End() => writing.End();

    private sealed class Writing(ConversionPlan plan, ContentForm form, IBufferWriter<byte> output) : StructureWalker(form.MostParts)
    {
        // RFC 2045 §6.8: lines of 76 characters.
        private const int Base64Line = 57;

        // RFC 2045 §6.7 rule 5: 76 characters with the soft line break.
        private const int QuotedLine = 75;

        private readonly byte[] gathered = new byte[Base64Line];
        private int count;
        private int column;
        private byte blank;
        private bool isFirstLine;

        private PartAction Action => plan.Actions[Current.Index];

        protected override void OnField(ReadOnlySpan<byte> raw, bool isEncoding)
        {
            if (!isEncoding || Action == PartAction.Keep)
                output.Write(raw);
        }

        protected override void OnHeaderEnd(ReadOnlySpan<byte> emptyLine)
        {
            if (Current.Index == 0 && plan.LacksVersion)
                output.Write("MIME-Version: 1.0\r\n"u8);
            var isEncoded = Action is PartAction.QuotedPrintable or PartAction.Base64;
            // RFC 1428 §3: nobody can say what the octets stand for.
            if (Current.Index == 0 && isEncoded && !Current.HasType)
                output.Write("Content-Type: text/plain; charset=unknown-8bit\r\n"u8);
            if (Action == PartAction.LabelEightBit)
                output.Write("Content-Transfer-Encoding: 8bit\r\n"u8);
            else if (isEncoded)
                output.Write(Action == PartAction.Base64 ? "Content-Transfer-Encoding: base64\r\n"u8 : "Content-Transfer-Encoding: quoted-printable\r\n"u8);
            output.Write(emptyLine);
            (count, column, blank, isFirstLine) = (0, 0, 0, true);
        }

        protected override void OnContent(ReadOnlySpan<byte> content)
        {
            if (Action == PartAction.Base64)
                Gather(content);
            else if (Action == PartAction.QuotedPrintable)
                Quote(content);
            else
                output.Write(content);
        }

        protected override void OnLineEnd()
        {
            if (Action == PartAction.Base64)
            {
                Gather("\r\n"u8);
                return;
            }
            EndBlank();
            column = 0;
            output.Write("\r\n"u8);
        }

        protected override void OnContentEnd(bool isAtEnd)
        {
            if (Action == PartAction.Base64)
            {
                WriteGathered();
                if (isAtEnd)
                    output.Write("\r\n"u8);
            }
            else if (Action == PartAction.QuotedPrintable)
            {
                EndBlank();
                // The content ends in the middle of a line, and the line that is sent does not.
                if (isAtEnd && column > 0)
                    output.Write("=\r\n"u8);
            }
        }

        protected override void OnOutside(ReadOnlySpan<byte> octets) => Outside.Write(octets, form.EightBit, output);

        private void Gather(ReadOnlySpan<byte> content)
        {
            while (!content.IsEmpty)
            {
                if (count == Base64Line)
                    WriteGathered();
                var taken = Math.Min(content.Length, Base64Line - count);
                content[..taken].CopyTo(gathered.AsSpan(count));
                count += taken;
                content = content[taken..];
            }
        }

        private void WriteGathered()
        {
            if (count == 0)
                return;
            if (!isFirstLine)
                output.Write("\r\n"u8);
            isFirstLine = false;
            var text = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(count));
            Base64.EncodeToUtf8(gathered.AsSpan(0, count), text, out _, out var written);
            output.Advance(written);
            count = 0;
        }

        private void Quote(ReadOnlySpan<byte> content)
        {
            foreach (var octet in content)
            {
                if (blank != 0)
                    Put(blank, isPlain: true);
                blank = octet is (byte)' ' or (byte)'\t' ? octet : (byte)0;
                if (blank == 0)
                    Put(octet, isPlain: octet is >= 33 and <= 126 and not (byte)'=');
            }
        }

        // RFC 2045 §6.7 rule 3: a blank at the end of a line is not left to itself.
        private void EndBlank()
        {
            if (blank != 0)
                Put(blank, isPlain: false);
            blank = 0;
        }

        private void Put(byte octet, bool isPlain)
        {
            var width = isPlain ? 1 : 3;
            if (column + width > QuotedLine)
            {
                output.Write("=\r\n"u8);
                column = 0;
            }
            column += width;
            var text = output.GetSpan(width);
            if (isPlain)
            {
                text[0] = octet;
            }
            else
            {
                text[0] = (byte)'=';
                text[1] = "0123456789ABCDEF"u8[octet >> 4];
                text[2] = "0123456789ABCDEF"u8[octet & 15];
            }
            output.Advance(width);
        }
    }
}
