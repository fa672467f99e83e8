using System.Net;
using System.Net.Sockets;
using System.Text;
using Postrider.Hosting.Relaying;
using Postrider.Testing.Timing;

namespace Postrider.Tests.Hosting.Relaying;

public sealed class OAuthTokensTests
{
    [Fact]
    public async Task A_token_is_kept_until_shortly_before_it_ends()
    {
        var issuer = new Issuer("""{ "access_token": "abc", "token_type": "Bearer", "expires_in": 3600 }""");
        var time = new ManualTime();
        var tokens = Make(issuer, time);
        var first = await tokens.GetAsync();
        Assert.Equal("joe", first.Credential!.UserName);
        Assert.Equal("grant_type=client_credentials&client_id=id&client_secret=s%26cret&scope=mail", issuer.Request);
        time.Advance(TimeSpan.FromMinutes(54));
        Assert.Same(first.Credential, (await tokens.GetAsync()).Credential);
        Assert.Equal(1, issuer.Requests);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.NotSame(first.Credential, (await tokens.GetAsync()).Credential);
        Assert.Equal(2, issuer.Requests);
    }

    [Fact]
    public async Task A_token_that_is_still_good_serves_on_while_no_other_can_be_had()
    {
        var issuer = new Issuer("""{ "access_token": "abc", "expires_in": 3600 }""");
        var time = new ManualTime();
        var tokens = Make(issuer, time);
        var first = await tokens.GetAsync();
        issuer.Status = HttpStatusCode.ServiceUnavailable;
        time.Advance(TimeSpan.FromMinutes(56));
        Assert.Same(first.Credential, (await tokens.GetAsync()).Credential);
        Assert.Same(first.Credential, (await tokens.GetAsync()).Credential);
        Assert.Equal(2, issuer.Requests);
        time.Advance(TimeSpan.FromMinutes(4));
        Assert.Equal("No access token for joe from issuer.example: it answers 503", (await tokens.GetAsync()).Problem);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, """{ "error": "invalid_client" }""", "it answers 401, invalid_client")]
    [InlineData(HttpStatusCode.BadGateway, "<html>", "it answers 502")]
    [InlineData(HttpStatusCode.OK, "<html>", "its answer is not one of OAuth")]
    [InlineData(HttpStatusCode.OK, "[]", "its answer is not one of OAuth")]
    [InlineData(HttpStatusCode.OK, "{}", "there is no access_token in its answer")]
    [InlineData(HttpStatusCode.OK, """{ "access_token": "a b" }""", "its answer is not one of OAuth")]
    [InlineData(null, "", "no route")]
    public async Task Without_a_token_it_says_why_and_waits_before_it_asks_again(HttpStatusCode? status, string answer, string why)
    {
        var issuer = new Issuer(answer) { Status = status };
        var time = new ManualTime();
        var tokens = Make(issuer, time);
        Assert.Equal((null, $"No access token for joe from issuer.example: {why}"), ((object?, string?))((await tokens.GetAsync()).Credential, (await tokens.GetAsync()).Problem));
        Assert.Equal(1, issuer.Requests);
        time.Advance(TimeSpan.FromSeconds(30));
        await tokens.GetAsync();
        Assert.Equal(2, issuer.Requests);
    }

    [Fact]
    public async Task Many_who_wait_ask_once()
    {
        var issuer = new Issuer("""{ "access_token": "abc" }""") { Gate = new TaskCompletionSource() };
        var tokens = Make(issuer, new ManualTime());
        var waiting = Enumerable.Range(0, 20).Select(_ => tokens.GetAsync().AsTask()).ToArray();
        issuer.Gate.SetResult();
        var answers = await Task.WhenAll(waiting);
        Assert.Equal(1, issuer.Requests);
        Assert.Single(answers.Select(answer => answer.Credential).Distinct());
    }

    [Fact]
    public async Task Sources_that_come_and_go_with_reloads_share_their_connections()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var connections = 0;
        // It ends with the last connection.
        _ = Task.Run(async () =>
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                connections++;
                await AnswerAsync(client.GetStream());
            }
        });
        for (var i = 0; i < 20; i++)
        {
            var tokens = new OAuthTokens("joe", new Uri($"http://{listener.LocalEndpoint}/token"), "id", "secret", null, TimeProvider.System);
            Assert.Equal("joe", (await tokens.GetAsync()).Credential?.UserName);
        }
        Assert.Equal(1, connections);

        static async Task AnswerAsync(NetworkStream stream)
        {
            var buffer = new byte[4096];
            var request = "";
            while (await stream.ReadAsync(buffer) is var count and > 0)
            {
                request += Encoding.ASCII.GetString(buffer, 0, count);
                if (!request.EndsWith("client_secret=secret", StringComparison.Ordinal))
                    continue;
                request = "";
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{ \"access_token\": \"abc\" }"u8.ToArray());
            }
        }
    }

    private static OAuthTokens Make(Issuer issuer, TimeProvider time) =>
        new("joe", new Uri("https://issuer.example/token"), "id", "s&cret", "mail", time, issuer);

    private sealed class Issuer(string answer) : HttpMessageHandler
    {
        private int requests;

        public int Requests => requests;

        public string Request { get; private set; } = "";

        public HttpStatusCode? Status { get; set; } = HttpStatusCode.OK;

        public TaskCompletionSource? Gate { get; init; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref requests);
            Request = await request.Content!.ReadAsStringAsync(cancellationToken);
            if (Gate is not null)
                await Gate.Task;
            return Status is { } status ? new HttpResponseMessage(status) { Content = new StringContent(answer) } : throw new HttpRequestException("no route");
        }
    }
}
