using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Postrider.Tests.Hosting.Tokens;

/// <summary>An issuer of tokens on loopback, with discovery and keys.</summary>
internal sealed class Issuer : IDisposable
{
    private readonly HttpListener listener = new();

    public Issuer()
    {
        // Another program may take the port meanwhile: then the next is tried.
        for (var port = 20_000 + (Environment.ProcessId % 20_000); ; port++)
        {
            Address = $"http://127.0.0.1:{port}";
            listener.Prefixes.Clear();
            listener.Prefixes.Add(Address + "/");
            try
            {
                listener.Start();
                break;
            }
            catch (HttpListenerException)
            {
            }
        }
        StatedAs = Address;
        _ = ServeAsync();
    }

    public string Address { get; }

    public string StatedAs { get; set; }

    public string? KeyAddress { get; set; }

    public bool IsDown { get; set; }

    public int Asked { get; private set; }

    public string KeyId { get; set; } = "k1";

    public RSA Rsa { get; } = RSA.Create(2048);

    public ECDsa Ec { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string Token(Dictionary<string, object> claims, string algorithm = "RS256", Dictionary<string, object>? more = null)
    {
        var header = more is null ? new Dictionary<string, object>(StringComparer.Ordinal) : new Dictionary<string, object>(more, StringComparer.Ordinal);
        header["alg"] = algorithm;
        header.TryAdd("kid", algorithm == "ES256" ? KeyId + "-ec" : KeyId);
        var signed = $"{Part(JsonSerializer.SerializeToUtf8Bytes(header))}.{Part(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        var octets = Encoding.ASCII.GetBytes(signed);
        var signature = algorithm switch
        {
            "ES256" => Ec.SignData(octets, HashAlgorithmName.SHA256),
            "HS256" => HMACSHA256.HashData(Rsa.ExportRSAPublicKey(), octets),
            "none" => [],
            _ => Rsa.SignData(octets, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return $"{signed}.{Part(signature)}";
    }

    public void Dispose()
    {
        listener.Close();
        Rsa.Dispose();
        Ec.Dispose();
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
            Asked++;
            var (rsa, ec) = (Rsa.ExportParameters(false), Ec.ExportParameters(false));
            object answer = context.Request.Url!.AbsolutePath == "/.well-known/openid-configuration"
                ? new { issuer = StatedAs, jwks_uri = KeyAddress ?? Address + "/keys" }
                : new
                {
                    keys = new object[]
                    {
                        new { kty = "RSA", kid = KeyId, use = "sig", alg = "RS256", n = Part(rsa.Modulus!), e = Part(rsa.Exponent!) },
                        new { kty = "EC", kid = KeyId + "-ec", crv = "P-256", x = Part(ec.Q.X!), y = Part(ec.Q.Y!) },
                        new { kty = "oct", kid = "secret", k = "AAAA" },
                        new { kty = "RSA", kid = "enc", use = "enc", n = Part(rsa.Modulus!), e = Part(rsa.Exponent!) },
                    },
                };
            context.Response.StatusCode = IsDown ? 503 : 200;
            await context.Response.OutputStream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(answer));
            context.Response.Close();
        }
    }
}
