using Postrider.Smtp.Tls;

namespace Postrider.Transport.Dialing;

/// <summary>Sees what is said on a connection, line by line, as it is sent and received.</summary>
public interface IDialogueObserver
{
    /// <summary>A command was sent.</summary>
    /// <param name="line">Without CRLF, and without credentials.</param>
    void Sent(string line);

    /// <summary>A line of a reply has come.</summary>
    /// <param name="line">Without its line end, and without challenges of an exchange of credentials.</param>
    void Received(string line);

    /// <summary>The connection has come under TLS.</summary>
    /// <param name="facts">What the handshake settled.</param>
    void BeganTls(TlsFacts facts)
    {
    }

    /// <summary>The content was sent to its end.</summary>
    /// <param name="octets">As they went over the wire, stuffed dots and the end of data counted.</param>
    void SentContent(long octets);
}
