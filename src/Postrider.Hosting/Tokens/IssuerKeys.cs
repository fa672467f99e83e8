using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Postrider.Hosting.Tokens;

/// <summary>
/// The keys of an issuer, found by OpenID Connect Discovery. They are kept for an hour, and fetched earlier where a
/// token names a key that is not among them, but never more than once a minute: strangers cannot make us ask.
/// </summary>
internal sealed partial class IssuerKeys : IDisposable
{
    private const int MaxLength = 1024 * 1024;
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string issuer;
    private readonly TimeProvider time;
    private readonly ILogger<IssuerKeys> logger;
    private readonly HttpClient http;
    private readonly SemaphoreSlim one = new(1);
    private volatile Keys current = new([], null, null);

    public IssuerKeys(TokenOptions options, TimeProvider time, ILogger<IssuerKeys> logger)
    {
        issuer = options.Issuer;
        this.time = time;
        this.logger = logger;
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = Lifetime })
        {
            MaxResponseContentBufferSize = MaxLength,
            Timeout = Patience,
        };
    }

    /// <summary>Where clients find out about the issuer.</summary>
    public string Discovery => issuer.TrimEnd('/') + "/.well-known/openid-configuration";

    /// <summary>The keys, with the one of this name among them where there is one; null where they cannot be had.</summary>
    public async ValueTask<IReadOnlyList<SigningKey>?> ForAsync(string keyId)
    {
        if (!Suffices(current, keyId))
        {
            await one.WaitAsync();
            try
            {
                if (!Suffices(current, keyId))
                    await FetchAsync();
            }
            finally
            {
                one.Release();
            }
        }
        return current.Fetched is null ? null : current.List;
    }

    public void Dispose()
    {
        http.Dispose();
        one.Dispose();
    }

    private bool Suffices(Keys keys, string keyId)
    {
        if (keys.Tried is { } tried && time.GetElapsedTime(tried) < LeastInterval)
            return true;
        return keys.Fetched is { } fetched && time.GetElapsedTime(fetched) < Lifetime && (keyId.Length == 0 || keys.List.Any(key => key.Id == keyId));
    }

    private async Task FetchAsync()
    {
        var now = time.GetTimestamp();
        try
        {
            var configuration = await GetAsync(Discovery);
            // OpenID Connect Discovery §4.3: or somebody else's keys would do.
            if (Text(configuration, "issuer") != issuer)
                throw new HttpRequestException("it names another issuer");
            if (Text(configuration, "jwks_uri") is not { } address || !IsTrustworthy(address))
                throw new HttpRequestException("it names no address of https for its keys");
            var keys = SigningKey.ReadSet(await GetAsync(address));
            if (keys.Count == 0)
                throw new HttpRequestException("it has no key for RS256 or ES256");
            current = new Keys(keys, now, now);
            LogFetched(issuer, keys.Count);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException)
        {
            // What is old is better than none: an issuer that is down has not taken its keys back.
            current = current with { Tried = now };
            LogFailed(issuer, e.Message);
        }
    }

    /// <summary>Whether an address cannot be forged: https, or this machine.</summary>
    public static bool IsTrustworthy(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback));

    private async Task<JsonElement> GetAsync(string address)
    {
        using var response = await http.GetAsync(new Uri(address));
        response.EnsureSuccessStatusCode();
        using var document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    [LoggerMessage(731, LogLevel.Debug, "{Issuer}: {Count} keys")]
    private partial void LogFetched(string issuer, int count);

    [LoggerMessage(732, LogLevel.Error, "the keys of {Issuer} cannot be had: {Reason}")]
    private partial void LogFailed(string issuer, string reason);

    private sealed record Keys(IReadOnlyList<SigningKey> List, long? Fetched, long? Tried);
}
