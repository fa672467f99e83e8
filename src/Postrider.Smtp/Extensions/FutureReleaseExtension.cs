using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Postrider.Smtp.Client;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>
/// FUTURERELEASE (RFC 4865): a message is kept until the time that its sender names. for submission alone;
/// that a time lies within the limit is policy's to say, which knows the time.
/// </summary>
public sealed class FutureReleaseExtension : SmtpExtension
{
    internal const string Name = "FUTURERELEASE";

    // RFC 4865: 1 to 9 digits, and no 0 before them.
    private const int LongestNumber = 9;

    private static readonly string[] dateForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz"];

    private readonly TimeSpan longest;

    /// <summary>Offers it.</summary>
    /// <param name="longest">For how long a message may be kept: 1 second to 999,999,999.</param>
    public FutureReleaseExtension(TimeSpan longest)
        : base(Name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longest, TimeSpan.FromSeconds(999_999_999));
        this.longest = longest;
        // RFC 4865: 34 octets more for MAIL; one of the two.
        Parameters = [new("MAIL", "HOLDFOR", 0, ReadInterval) { Syntax = "HOLDFOR=seconds" }, new("MAIL", "HOLDUNTIL", 34, ReadTime) { Syntax = "HOLDUNTIL=time" }];
    }

    internal override IReadOnlyList<Parameter> Parameters { get; }

    // RFC 4865: the longest interval and the last time, which is that for a message that came with the connection.
    internal override string? Offer(ServerSettings settings, SessionFacts facts) => facts.Began is { } began
        ? string.Create(CultureInfo.InvariantCulture, $"{Keyword} {(long)longest.TotalSeconds} {Format(began + longest)}")
        : null;

    /// <summary>A time as it stands in a command (RFC 3339), to the second.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private Reply? ReadInterval(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        if (transaction.Release is not null)
            return Both();
        if (value.Length is 0 or > LongestNumber || value[0] == '0'
            || !Utf8Parser.TryParse(value, out uint seconds, out var consumed) || consumed < value.Length || seconds > longest.TotalSeconds)
        {
            return ReplyCatalogue.ParameterValue.With(string.Create(CultureInfo.InvariantCulture, $"HOLDFOR takes a number of seconds from 1 to {(long)longest.TotalSeconds}"));
        }
        transaction.Release = new() { After = TimeSpan.FromSeconds(seconds) };
        return null;
    }

    private Reply? ReadTime(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        if (transaction.Release is not null)
            return Both();
        // RFC 3339 §5.6: T and Z may be small. Erratum 2040 to RFC 4865: any offset.
        var text = Encoding.ASCII.GetString(value).ToUpperInvariant();
        if (!DateTimeOffset.TryParseExact(text, dateForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return ReplyCatalogue.ParameterValue.With("HOLDUNTIL takes a date and time such as 2030-12-31T23:59:59Z");
        transaction.Release = new() { At = time };
        return null;
    }

    // RFC 4865: one of the two.
    private static Reply Both() => ReplyCatalogue.ParameterValue.With("HOLDFOR and HOLDUNTIL exclude each other");
}

/// <summary>
/// FUTURERELEASE (RFC 4865), the client's half, for who submits: a message to be kept goes to a server that keeps it. A
/// relay keeps it itself and hands it on without a word of it.
/// </summary>
public sealed class FutureReleaseClientExtension : ClientExtension
{
    /// <inheritdoc/>
    public override string Keyword => FutureReleaseExtension.Name;

    /// <inheritdoc/>
    public override RecipientResult? Refuse(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (transaction.Envelope.Release is not { } release)
            return null;
        if (peer.Parameters(Keyword) is not { } limits)
            return new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 3, 3), "The message is to be kept until later, and the server does not offer FUTURERELEASE");
        // What is no limit as the RFC writes them counts as none.
        var words = limits.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isTooLong = release.After is { } interval
            ? words.Length > 0 && uint.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var most) && interval.TotalSeconds > most
            : words.Length > 1 && DateTimeOffset.TryParse(words[1], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var last) && release.At > last;
        return isTooLong
            ? new RecipientResult(RecipientVerdict.Failed, 0, new EnhancedStatusCode(5, 5, 4), $"The server keeps no message as long as that: it offers {Keyword} {limits}")
            : null;
    }

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (transaction.Envelope.Release is not { } release)
            return;
        Encoding.ASCII.GetBytes(
            release.After is { } interval
                ? string.Create(CultureInfo.InvariantCulture, $" HOLDFOR={(long)interval.TotalSeconds}")
                : $" HOLDUNTIL={FutureReleaseExtension.Format(release.At!.Value)}",
            command);
    }
}
