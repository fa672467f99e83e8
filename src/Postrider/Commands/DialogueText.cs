using System.Globalization;
using Postrider.Smtp.Tls;
using Postrider.Transport.Dialing;

namespace Postrider.Commands;

/// <summary>What is said on a connection, as lines for people.</summary>
/// <param name="write">Takes each line.</param>
internal sealed class DialogueText(Action<string> write) : IDialogueObserver
{
    /// <summary>A line from elsewhere, which does not speak to the terminal that it is shown on.</summary>
    public static string Harmless(string line) => line.Any(char.IsControl) ? string.Concat(line.Select(static c => char.IsControl(c) ? '?' : c)) : line;

    public void Sent(string line) => write($"C: {Harmless(line)}");

    public void Received(string line) => write($"S: {Harmless(line)}");

    public void BeganTls(TlsFacts facts) => write($"*: {facts.Protocol} {facts.CipherSuite}, {Worth(facts.PeerCertificate)}");

    public void SentContent(long octets) => write(string.Create(CultureInfo.InvariantCulture, $"C: ({octets} octets of content)"));

    private static string Worth(TlsPeerCertificate? certificate) => certificate is null
        ? "no certificate"
        : $"certificate of {certificate.Subject}, {(certificate.IsTrusted ? "trusted" : "not trusted")}, {(certificate.NamesHost ? "names the host" : "does not name the host")}";
}
