using Postrider.Hosting;
using Postrider.Hosting.Reception;

namespace Postrider.Configuration;

/// <summary>What runs without a configuration file: a catcher of mail on this machine that sends nothing out.</summary>
internal static class SandboxDefaults
{
    /// <summary>Where it listens, on loopback.</summary>
    public const int Port = 2525;

    /// <summary>Sets the options of the sandbox.</summary>
    public static void Apply(MailServerOptions mail, SmtpServerOptions server)
    {
        mail.Hostname = "localhost";
        mail.Sandbox = new SandboxOptions();
        server.Listeners.Add(new ListenerOptions { Address = "127.0.0.1", Port = Port });
        server.Listeners.Add(new ListenerOptions { Address = "::1", Port = Port, IsOptional = true });
    }
}
