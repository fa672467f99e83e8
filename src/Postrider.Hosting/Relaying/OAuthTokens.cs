using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Postrider.Delivery.Relay;
using Postrider.Smtp.Sasl;

namespace Postrider.Hosting.Relaying;

/// <summary>
/// Access tokens by client credentials (RFC 6749 §4.4), each kept until shortly before it ends. What goes
/// wrong is told without the secret, and not tried again at once. It goes with the route that it belongs to, at any
/// moment and while it is asked: it owns nothing that would have to be given back.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A client over a shared handler and a semaphore without a wait handle hold nothing.")]
internal sealed class OAuthTokens : ICredentialSource
{
    // One for all sources, which come and go with each reload; it closes what it does not use.
    private static readonly SocketsHttpHandler shared = new() { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) };

    // A token that ends within this time might end in the middle of a session.
    private static readonly TimeSpan margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan waitAfterFailure = TimeSpan.FromSeconds(30);

    // RFC 6749 §5.1 only recommends expires_in.
    private static readonly TimeSpan assumedLife = TimeSpan.FromMinutes(10);

    private readonly Uri endpoint;
    private readonly KeyValuePair<string, string>[] request;
    private readonly TimeProvider time;
    private readonly HttpClient http;
    private readonly SemaphoreSlim turn = new(1);
    private volatile State? state;

    public OAuthTokens(string userName, Uri endpoint, string clientId, string clientSecret, string? scope, TimeProvider time, HttpMessageHandler? handler = null)
    {
        UserName = userName;
        this.endpoint = endpoint;
        this.time = time;
        request =
        [
            new("grant_type", "client_credentials"),
            new("client_id", clientId),
            new("client_secret", clientSecret),
            .. scope is null ? (KeyValuePair<string, string>[])[] : [new("scope", scope)],
        ];
        http = new HttpClient(handler ?? shared, disposeHandler: false)
        {
            Timeout = TimeSpan.FromSeconds(30),
            MaxResponseContentBufferSize = 65_536,
        };
    }

    public string UserName { get; }

    public async ValueTask<CredentialAnswer> GetAsync(CancellationToken cancellationToken = default)
    {
        if (state is { } known && time.GetUtcNow() < known.RenewAt)
            return known.Answer;
        try
        {
            await turn.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return new CredentialAnswer(null, "Given up waiting for an access token");
        }
        try
        {
            var now = time.GetUtcNow();
            if (state is { } last && now < last.RenewAt)
                return last.Answer;
            var next = await AskAsync(now, cancellationToken);
            // A token that is still good serves on while no other can be had.
            if (next.Answer.Credential is null && state is { Answer.Credential: not null } old && now < old.EndsAt)
                next = old with { RenewAt = next.RenewAt < old.EndsAt ? next.RenewAt : old.EndsAt };
            state = next;
            return next.Answer;
        }
        finally
        {
            turn.Release();
        }
    }

    private async ValueTask<State> AskAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new FormUrlEncodedContent(request);
            using var response = await http.PostAsync(endpoint, content, cancellationToken);
            var octets = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? Read(octets, now) : Failed(now, $"it answers {(int)response.StatusCode}{Error(octets)}");
        }
        catch (HttpRequestException e)
        {
            return Failed(now, e.Message);
        }
        catch (OperationCanceledException)
        {
            return Failed(now, "no answer in time");
        }
    }

    private State Read(byte[] octets, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(octets);
            var root = document.RootElement;
            if (!root.TryGetProperty("access_token", out var token) || token.GetString() is not { Length: > 0 } text)
                return Failed(now, "there is no access_token in its answer");
            var life = root.TryGetProperty("expires_in", out var seconds) && seconds.TryGetInt32(out var number) && number > 0
                ? TimeSpan.FromSeconds(number)
                : assumedLife;
            var renewal = life - margin < life / 2 ? life / 2 : life - margin;
            return new State(new CredentialAnswer(new TokenCredential(UserName, text)), now + renewal, now + life);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return Failed(now, "its answer is not one of OAuth");
        }
    }

    // RFC 6749 §5.2: a word such as invalid_client; longer texts stay with the issuer.
    private static string Error(byte[] octets)
    {
        try
        {
            using var document = JsonDocument.Parse(octets);
            return document.RootElement.TryGetProperty("error", out var error) && error.GetString() is { Length: > 0 and <= 64 } word
                && !word.AsSpan().ContainsAnyExceptInRange(' ', '~')
                ? $", {word}"
                : "";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
    }

    private State Failed(DateTimeOffset now, string why) =>
        new(new CredentialAnswer(null, $"No access token for {UserName} from {endpoint.Host}: {why}"), now + waitAfterFailure, now);

    private sealed record State(CredentialAnswer Answer, DateTimeOffset RenewAt, DateTimeOffset EndsAt);
}
