using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Postrider.Hosting;
using Postrider.Hosting.Reception;

namespace Postrider.FunctionalTests;

/// <summary>The server on a Generic Host of somebody else, as docs/embedding.md shows it.</summary>
public sealed class EmbeddingTests
{
    [Fact]
    public async Task A_host_takes_mail_and_delivers_it_into_Maildirs()
    {
        using var folder = new TemporaryFolder("embedding");
        var endPoint = ServerProcess.FreePort();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMailQueue(mail =>
        {
            mail.Hostname = "mail.example.org";
            mail.DataFolder = folder.Path;
            mail.LocalDomains.Add("example.org");
        });
        builder.Services.AddSmtpServer(smtp => smtp.Listeners.Add(new ListenerOptions { Address = "127.0.0.1", Port = endPoint.Port }));
        using (var host = builder.Build())
        {
            await host.StartAsync();
            using var client = new SmtpClient("127.0.0.1", endPoint.Port);
            await client.SendMailAsync("jones@example.com", "anna@example.org", "Hello", "From a host.");
            var mailbox = Path.Combine(folder.Path, "mail", "example.org", "anna", "new");
            var file = await Eventually.FoundAsync(() => Directory.Exists(mailbox) && Directory.GetFiles(mailbox) is [var only] ? only : null, () => "Nothing was delivered.");
            Assert.Contains("Subject: Hello\n", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            await host.StopAsync();
        }
        // Everything has been given up: the folder can be had by another.
        using var second = new DataFolder(folder.Path, "test");
    }

    [Fact]
    public async Task Options_are_checked_at_the_start_and_all_mistakes_are_said()
    {
        using var folder = new TemporaryFolder("embedding");
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMailQueue(mail =>
        {
            mail.DataFolder = folder.Path;
            mail.Smarthost.To.Add("x:y");
        });
        builder.Services.AddSmtpServer(smtp => smtp.Listeners.Add(new ListenerOptions { Address = "nowhere", Port = IPEndPoint.MaxPort + 1 }));
        using var host = builder.Build();
        var mistakes = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Equal("listeners[0].address listeners[0].port smarthost", string.Join(' ', mistakes.Failures.Select(static f => f[..f.IndexOf(':', StringComparison.Ordinal)])));
    }

    [Fact]
    public void A_server_without_a_queue_is_a_mistake_of_the_program() =>
        Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddSmtpServer());
}
