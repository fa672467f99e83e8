using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;
using Postrider.Smtp.Client;
using Postrider.Smtp.Sasl;
using Postrider.Transport.Tls;

namespace Postrider.Hosting.Relaying;

/// <summary>Checks the terms of a route and freezes them; reads the files that they name.</summary>
internal sealed class RouteTermsCheck(TimeProvider time, Action<string, string> report)
{
    private static readonly TlsDemand[] demands = [TlsDemand.None, TlsDemand.Opportunistic, TlsDemand.Required, TlsDemand.Verified];

    /// <summary>The terms; of use only where nothing was reported.</summary>
    public RelayTerms Freeze(string path, RouteOptions route, IReadOnlyCollection<RelayHost> hosts)
    {
        var demand = Array.Find(demands, candidate => RelayTerms.Name(candidate) == route.Tls);
        if (RelayTerms.Name(demand) != route.Tls)
            report($"{path}.tls", $"\"{route.Tls}\" is not known; give none, opportunistic, required or verified.");
        else if (demand == TlsDemand.None && route.TlsOnConnect == true)
            report($"{path}.tlsOnConnect", "has no meaning beside \"tls\": \"none\"; remove one of them.");
        else if (demand == TlsDemand.None && route.User is not null && !hosts.All(IsThisMachine))
            report($"{path}.user", "is not said in the clear but to this machine; demand TLS, such as \"tls\": \"verified\".");
        if (route.Chunking is not ("binary" or "always"))
            report($"{path}.chunking", $"\"{route.Chunking}\" is not known; give binary or always.");
        return new RelayTerms
        {
            ChunksAll = route.Chunking == "always",
            Tls = demand,
            TlsOnConnect = route.TlsOnConnect,
            ClearAfterFailure = route.ClearAfterFailure,
            SenderMayWaiveTls = route.SenderMayWaiveTls,
            TrustAnchors = Authorities(path, route.Authorities),
            Certificate = Certificate(path, route),
            Credentials = Credentials(path, route),
        };
    }

    /// <summary>Whether a route says more than where its mail goes.</summary>
    public static bool HasTerms(RouteOptions route) => route is not
    {
        Tls: "opportunistic",
        TlsOnConnect: null,
        ClearAfterFailure: true,
        SenderMayWaiveTls: false,
        Chunking: "binary",
        Authorities.Count: 0,
        Certificate: null,
        Key: null,
        User: null,
        Password: null,
        PasswordFile: null,
        OAuth: null,
    };

    private static bool IsThisMachine(RelayHost host) => IPAddress.TryParse(host.Host, out var address) ? IPAddress.IsLoopback(address) : host.Host == "localhost";

    private ImmutableArray<X509Certificate2> Authorities(string path, IList<string> files)
    {
        var anchors = ImmutableArray.CreateBuilder<X509Certificate2>();
        for (var i = 0; i < files.Count; i++)
        {
            var place = files.Count == 1 ? $"{path}.authorities" : FormattableString.Invariant($"{path}.authorities[{i}]");
            if (ReadFile(place, files[i]) is not { } pem)
                continue;
            var found = new X509Certificate2Collection();
            try
            {
                found.ImportFromPem(pem);
            }
            catch (CryptographicException e)
            {
                report(place, $"{files[i]} cannot be read: {e.Message}");
                continue;
            }
            if (found.Count == 0)
                report(place, $"{files[i]} has no certificate in it; give a file in PEM.");
            anchors.AddRange(found);
        }
        return anchors.ToImmutable();
    }

    private TlsCertificate? Certificate(string path, RouteOptions route)
    {
        if (route.Certificate is null && route.Key is null)
            return null;
        if (route.Certificate is null || route.Key is null)
        {
            report($"{path}.{(route.Certificate is null ? "certificate" : "key")}", "is missing; a certificate and its key go together.");
            return null;
        }
        if (ReadFile($"{path}.certificate", route.Certificate) is not { } certificate || ReadFile($"{path}.key", route.Key) is not { } key)
            return null;
        try
        {
            return TlsCertificate.FromPem(certificate, key);
        }
        catch (CryptographicException e)
        {
            report($"{path}.certificate", e.Message);
            return null;
        }
    }

    private ICredentialSource? Credentials(string path, RouteOptions route)
    {
        if (route.User is not { } user)
        {
            foreach (var (name, isSet) in new[] { ("password", route.Password is not null), ("passwordFile", route.PasswordFile is not null), ("oauth", route.OAuth is not null) })
            {
                if (isSet)
                    report($"{path}.{name}", "needs a user beside it.");
            }
            return null;
        }
        if (user.Length == 0 || user.AsSpan().ContainsAnyInRange('\0', '\x1f'))
        {
            report($"{path}.user", "is no name that can be said; give one without control characters.");
            return null;
        }
        if (route.OAuth is { } oauth)
        {
            if (route.Password is not null || route.PasswordFile is not null)
                report($"{path}.oauth", "stands in place of a password; remove one of them.");
            return Tokens($"{path}.oauth", user, oauth);
        }
        if (Secret(path, "password", route.Password, route.PasswordFile, isNeeded: route.Certificate is null) is { } password)
            return new FixedCredential(new PasswordCredential(user, password));
        return route.Certificate is null ? null : new FixedCredential(new CertificateCredential(user));
    }

    private OAuthTokens? Tokens(string path, string user, OAuthOptions oauth)
    {
        var isUrl = Uri.TryCreate(oauth.TokenEndpoint, UriKind.Absolute, out var endpoint)
            && (endpoint.Scheme == Uri.UriSchemeHttps || (endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback));
        if (!isUrl)
            report($"{path}.tokenEndpoint", $"\"{oauth.TokenEndpoint}\" is not an https URL; give the token endpoint of the issuer.");
        if (oauth.ClientId.Length == 0)
            report($"{path}.clientId", "is missing; give the name under which the issuer knows this server.");
        var secret = Secret(path, "clientSecret", oauth.ClientSecret, oauth.ClientSecretFile, isNeeded: true);
        return isUrl && secret is not null ? new OAuthTokens(user, endpoint!, oauth.ClientId, secret, oauth.Scope, time) : null;
    }

    // The message never shows what is wrong with a secret, only where it stands.
    private string? Secret(string path, string name, string? given, string? file, bool isNeeded)
    {
        if (given is not null && file is not null)
        {
            report($"{path}.{name}File", $"stands in place of {name}; remove one of them.");
            return null;
        }
        var place = file is null ? name : $"{name}File";
        var secret = file is null ? given : ReadFile($"{path}.{place}", file)?.Split('\n', 2)[0].TrimEnd('\r');
        if (file is not null && secret is null)
            return null;
        if (secret is null && isNeeded)
            report($"{path}.{name}", $"is missing; give it, or a {name}File with it.");
        else if (secret is not null && (secret.Length == 0 || secret.Contains('\0', StringComparison.Ordinal)))
            report($"{path}.{place}", "holds nothing that can be said.");
        else
            return secret;
        return null;
    }

    private string? ReadFile(string path, string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            report(path, $"{file} cannot be read: {e.Message}");
            return null;
        }
    }
}
