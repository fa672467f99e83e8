namespace Postrider.Tests.Smtp.Server;

/// <summary>
/// The order of commands (RFC 5321 §4.1.4) as a model of a few lines, against which random sessions are
/// held: for each command, the code that the server must give.
/// </summary>
internal sealed class SequenceModel
{
    private bool greeted;
    private bool extended;
    private bool inTransaction;
    private bool tried;
    private bool chunked;
    private int recipients;

    /// <summary>Messages that must have been accepted.</summary>
    public int Messages { get; private set; }

    public bool IsClosed { get; private set; }

    /// <summary>Whether the model expects content now.</summary>
    public bool IsInContent { get; private set; }

    /// <summary>The code that this command must get.</summary>
    public int Expect(string command)
    {
        switch (command)
        {
            case "EHLO c.example":
            case "HELO c.example":
                (greeted, extended, inTransaction) = (true, command[0] == 'E', false);
                return 250;
            case "EHLO" or "HELO @":
                return 501;
            case "RSET":
                inTransaction = false;
                return 250;
            case "NOOP":
                return 250;
            case "VRFY x":
                return 252;
            case "HELP":
                return 214;
            case "EXPN x":
                return 502;
            case "FOO":
                return 500;
            case "QUIT":
                IsClosed = true;
                return 221;
            case "MAIL FROM:<a@example.com>" or "MAIL FROM:<a@example.com> BODY=8BITMIME" or "MAIL FROM:<no@example.com>" or "MAIL FROM:a":
                return Mail(command);
            case "RCPT TO:<b@example.org>" or "RCPT TO:<no@example.org>" or "RCPT TO:<>":
                return Recipient(command);
            case "DATA":
                return Data();
            case "BDAT 6\r\nQUIT" or "BDAT 6 LAST\r\nQUIT":
                return Chunk(isLast: command.Contains("LAST", StringComparison.Ordinal));
            default:
                throw new ArgumentException($"The model knows no {command}", nameof(command));
        }
    }

    /// <summary>The code that the end of the content must get.</summary>
    public int ExpectEnd(bool isClean)
    {
        (IsInContent, inTransaction) = (false, false);
        Messages += isClean ? 1 : 0;
        return isClean ? 250 : 550;
    }

    private int Mail(string command)
    {
        if (!greeted || inTransaction)
            return 503;
        if (command == "MAIL FROM:a")
            return 501;
        if (command.EndsWith("MIME", StringComparison.Ordinal) && !extended)
            return 555;
        if (command == "MAIL FROM:<no@example.com>")
            return 550;
        (inTransaction, tried, chunked, recipients) = (true, false, false, 0);
        return 250;
    }

    private int Recipient(string command)
    {
        if (!greeted || !inTransaction || chunked)
            return 503;
        tried = true;
        if (command == "RCPT TO:<>")
            return 501;
        if (recipients == 3)
            return 452;
        if (command == "RCPT TO:<no@example.org>")
            return 550;
        recipients++;
        return 250;
    }

    // RFC 3030 §2: a chunk that is refused fails the transaction.
    private int Chunk(bool isLast)
    {
        if (!greeted || !inTransaction)
            return 503;
        inTransaction = false;
        if (!extended || !tried)
            return 503;
        if (recipients == 0)
            return 554;
        chunked = inTransaction = !isLast;
        Messages += isLast ? 1 : 0;
        return 250;
    }

    private int Data()
    {
        if (!greeted || !inTransaction || chunked || !tried)
            return 503;
        if (recipients == 0)
            return 554;
        IsInContent = true;
        return 354;
    }
}
