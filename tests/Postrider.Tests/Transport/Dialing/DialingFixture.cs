using System.Globalization;
using Postrider.Smtp.Addresses;
using Postrider.Smtp.Client;
using Postrider.Smtp.Envelopes;
using Postrider.Testing.Networks;
using Postrider.Testing.Simulations;
using Postrider.Transport;
using Postrider.Transport.Dialing;

namespace Postrider.Tests.Transport.Dialing;

/// <summary>A simulated network with one address that a test answers for.</summary>
internal sealed class DialingFixture
{
    public DialingFixture(int seed, int bufferSize = 65_536)
    {
        Simulation = new Simulation(seed);
        Network = new InMemoryNetwork(Simulation.Time, Simulation.Random) { BufferSize = bufferSize };
        Listener = ScriptedPeer.Listen(Network);
    }

    public Simulation Simulation { get; }

    public InMemoryNetwork Network { get; }

    public IListener Listener { get; }

    public ClientSettings Settings { get; set; } = new() { HelloName = "client.example" };

    public DialTls? Tls { get; set; }

    public IHeavyWork? Work { get; set; }

    public static Envelope MakeEnvelope(int recipients = 1) => new()
    {
        ReversePath = new ReversePath(new Mailbox("a", "x.example")),
        Recipients = [.. Enumerable.Range(0, recipients).Select(i => new EnvelopeRecipient(new Mailbox("r" + i.ToString(CultureInfo.InvariantCulture), "y.example")))],
    };

    public ValueTask<SmtpConnection> OpenAsync(IDialogueObserver? observer = null, CancellationToken cancellationToken = default) =>
        SmtpConnection.OpenAsync(Network, ScriptedPeer.Address, Settings, Tls, Simulation.Time, observer, Work, cancellationToken);
}
