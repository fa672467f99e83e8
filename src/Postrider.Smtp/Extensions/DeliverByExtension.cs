using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;
using Postrider.Smtp.Server;

namespace Postrider.Smtp.Extensions;

/// <summary>DELIVERBY (RFC 2852): the sender says within which time the message is to be delivered, and what is to become of it otherwise.</summary>
public sealed class DeliverByExtension : SmtpExtension
{
    internal const string Name = "DELIVERBY";

    // RFC 2852 §4: by-time has 1 to 9 digits, and a sign before them or not.
    private const int MostDigits = 9;

    private readonly TimeSpan shortest;

    /// <summary>Offers it.</summary>
    /// <param name="shortest">The shortest time that is taken where the message is to be returned otherwise (RFC 2852 §3): 0 for none, to 999,999,999 seconds.</param>
    public DeliverByExtension(TimeSpan shortest)
        : base(Name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shortest, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shortest, TimeSpan.FromSeconds(999_999_999));
        this.shortest = shortest;
        // RFC 2852 §3: 17 octets more for MAIL.
        Parameters = [new("MAIL", "BY", 17, Read) { Syntax = "BY=seconds;R|N[T]" }];
    }

    internal override IReadOnlyList<Parameter> Parameters { get; }

    internal override string? Offer(ServerSettings settings, SessionFacts facts) =>
        shortest == TimeSpan.Zero ? Keyword : string.Create(CultureInfo.InvariantCulture, $"{Keyword} {(long)shortest.TotalSeconds}");

    private Reply? Read(ReadOnlySpan<byte> value, bool hasValue, Conversation conversation, Transaction transaction)
    {
        var semicolon = value.IndexOf((byte)';');
        if (semicolon < 0 || !TryReadTime(value[..semicolon], out var seconds))
            return Wrong();
        var mode = value[(semicolon + 1)..];
        if (mode.Length is 0 or > 2 || (mode[0] | 0x20) is not ((byte)'r' or (byte)'n') || (mode.Length == 2 && (mode[1] | 0x20) != 't'))
            return Wrong();
        var isReturned = (mode[0] | 0x20) == 'r';
        // RFC 2852 §4: what is over already could only be returned.
        if (isReturned && seconds <= 0)
            return ReplyCatalogue.ParameterValue.With("BY with R takes a time above 0");
        if (isReturned && seconds < shortest.TotalSeconds)
            return ReplyCatalogue.DeliveryTooSoon.With(((long)shortest.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        transaction.DeliverBy = new DeliverBy(TimeSpan.FromSeconds(seconds), isReturned, mode.Length == 2);
        return null;
    }

    private static bool TryReadTime(ReadOnlySpan<byte> text, out int seconds)
    {
        seconds = 0;
        if (text.IsEmpty)
            return false;
        var digits = text[0] is (byte)'+' or (byte)'-' ? text[1..] : text;
        if (digits.Length is 0 or > MostDigits || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return false;
        _ = Utf8Parser.TryParse(digits, out seconds, out _);
        if (text[0] == '-')
            seconds = -seconds;
        return true;
    }

    private static Reply Wrong() => ReplyCatalogue.ParameterValue.With("BY takes a number of seconds of at most 9 digits, a semicolon, R or N, and T for a trace");
}

/// <summary>
/// DELIVERBY (RFC 2852 §4.1), the client's half: hands on how much of the time is left. What is to be returned if it
/// comes late goes only to a server that sees to that, and takes what time there is.
/// </summary>
public sealed class DeliverByClientExtension : ClientExtension
{
    private const int MostSeconds = 999_999_999;

    // RFC 3463 §3.4 and §3.5: X.3.3 system not capable of selected features, X.4.7 delivery time expired.
    private static readonly EnhancedStatusCode notCapable = new(5, 3, 3);
    private static readonly EnhancedStatusCode timeIsOver = new(5, 4, 7);

    /// <inheritdoc/>
    public override string Keyword => DeliverByExtension.Name;

    /// <inheritdoc/>
    public override RecipientResult? Refuse(in ClientTransaction transaction, PeerCapabilities peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (transaction.Envelope.DeliverBy is not { IsReturned: true } by)
            return null;
        var left = Seconds(by, transaction.Now);
        if (left <= 0)
            return new RecipientResult(RecipientVerdict.Failed, 0, timeIsOver, "The time within which the sender wants the message delivered is over");
        if (peer.Parameters(Keyword) is not { } limit)
            return Undecided(notCapable, "The sender wants the message back if it is late, and the server does not offer DELIVERBY");
        return int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out var least) && left < least
            ? Undecided(timeIsOver, string.Create(CultureInfo.InvariantCulture, $"The server wants {least} seconds for a delivery in time, and {left} are left"))
            : null;
    }

    /// <inheritdoc/>
    public override void WriteMailParameters(in ClientTransaction transaction, IBufferWriter<byte> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (transaction.Envelope.DeliverBy is { } by)
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $" BY={Seconds(by, transaction.Now)};{(by.IsReturned ? "R" : "N")}{(by.IsTraced ? "T" : "")}"), command);
    }

    private static int Seconds(DeliverBy by, DateTimeOffset now) => (int)Math.Clamp(Math.Floor(by.Left(now).TotalSeconds), -MostSeconds, MostSeconds);

    // Another of the domain's hosts may do.
    private static RecipientResult Undecided(EnhancedStatusCode status, string text) => new(RecipientVerdict.Failed, 0, status, text) { IsUndecided = true };
}
