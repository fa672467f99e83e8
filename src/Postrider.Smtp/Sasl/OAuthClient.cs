using System.Globalization;
using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>
/// OAUTHBEARER (RFC 7628) and the XOAUTH2 before it: one message with the token. A server that refuses it says
/// why in a challenge, which is answered so that it can end the exchange (RFC 7628 §3.2.3).
/// </summary>
internal sealed class OAuthClient : SaslClient
{
    public const string BearerName = "OAUTHBEARER";
    public const string XOAuth2Name = "XOAUTH2";

    // The server's words go into logs and replies; they are JSON of a hundred octets or so.
    private const int MaxFault = 300;

    private readonly byte[] message;
    private readonly byte[] acknowledgement;

    private OAuthClient(string mechanism, string message, byte[] acknowledgement)
        : base(mechanism)
    {
        this.message = Encoding.UTF8.GetBytes(message);
        this.acknowledgement = acknowledgement;
    }

    public override byte[] InitialResponse => message;

    public static OAuthClient Bearer(string userName, string token, string? host, int port)
    {
        var text = new StringBuilder($"n,a={SaslName.Escape(userName)},\x01");
        if (host is not null)
            text.Append(CultureInfo.InvariantCulture, $"host={host}\x01");
        if (port != 0)
            text.Append(CultureInfo.InvariantCulture, $"port={port}\x01");
        return new OAuthClient(BearerName, text.Append(CultureInfo.InvariantCulture, $"auth=Bearer {token}\x01\x01").ToString(), [0x01]);
    }

    public static OAuthClient XOAuth2(string userName, string token) =>
        new(XOAuth2Name, $"user={userName}\x01" + $"auth=Bearer {token}\x01\x01", []);

    public override byte[]? Respond(ReadOnlySpan<byte> challenge)
    {
        if (Fault is not null)
            return null;
        var words = new StringBuilder();
        foreach (var c in Encoding.UTF8.GetString(challenge[..Math.Min(challenge.Length, MaxFault)]))
            words.Append(char.IsControl(c) ? ' ' : c);
        Fault = $"The server refused the token: {words}";
        return acknowledgement;
    }
}
