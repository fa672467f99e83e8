using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Postrider.FunctionalTests;

/// <summary>An issuer of access tokens on loopback: discovery, its key, and a token endpoint for client credentials (RFC 6749 §4.4).</summary>
internal sealed class TokenIssuer : IDisposable
{
    /// <summary>What tokens for the server under test name as their audience.</summary>
    public const string Audience = "mail.example.org";

    private readonly HttpListener listener = new();
    private readonly RSA key = RSA.Create(2048);
    private readonly string account;
    private readonly TimeSpan life;
    private int issued;

    /// <summary>Starts it.</summary>
    /// <param name="account">Whom the tokens of its endpoint stand for.</param>
    /// <param name="life">How long they are good.</param>
    public TokenIssuer(string account = "robot", TimeSpan? life = null)
    {
        this.account = account;
        this.life = life ?? TimeSpan.FromHours(1);
        Address = $"http://{ServerProcess.FreePort()}";
        listener.Prefixes.Add(Address + "/");
        listener.Start();
        _ = ServeAsync();
    }

    /// <summary>What its tokens state.</summary>
    public string Address { get; }

    /// <summary>How many its token endpoint has given.</summary>
    public int Issued => Volatile.Read(ref issued);

    /// <summary>A token.</summary>
    /// <param name="name">Whom it stands for.</param>
    /// <param name="lasts">How long it is good; negative: it has ended.</param>
    /// <param name="audience">For whom it is.</param>
    public string Token(string name, TimeSpan lasts, string audience = Audience)
    {
        var header = Part(JsonSerializer.SerializeToUtf8Bytes(new { alg = "RS256", kid = "k1" }));
        var claims = Part(JsonSerializer.SerializeToUtf8Bytes(new { iss = Address, aud = audience, email = name, exp = (TimeProvider.System.GetUtcNow() + lasts).ToUnixTimeSeconds() }));
        return $"{header}.{claims}.{Part(key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        listener.Close();
        key.Dispose();
    }

    private static string Part(byte[] octets) => Base64Url.EncodeToString(octets);

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            var answer = await AnswerAsync(context.Request);
            context.Response.StatusCode = answer is null ? 400 : 200;
            if (answer is not null)
                await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer));
            context.Response.Close();
        }
    }

    private async Task<object?> AnswerAsync(HttpListenerRequest request)
    {
        switch (request.Url!.AbsolutePath)
        {
            case "/.well-known/openid-configuration":
                return new { issuer = Address, jwks_uri = Address + "/keys" };
            case "/keys":
                var shown = key.ExportParameters(includePrivateParameters: false);
                return new { keys = new[] { new { kty = "RSA", kid = "k1", use = "sig", alg = "RS256", n = Part(shown.Modulus!), e = Part(shown.Exponent!) } } };
            default:
                using (var reader = new StreamReader(request.InputStream, Encoding.UTF8))
                {
                    if (await reader.ReadToEndAsync() != "grant_type=client_credentials&client_id=postrider&client_secret=s3cret&scope=mail")
                        return null;
                }
                Interlocked.Increment(ref issued);
                return new { access_token = Token(account, life), token_type = "Bearer", expires_in = (int)life.TotalSeconds };
        }
    }
}
