using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postrider.Smtp.Sasl;

/// <summary>What a client of SCRAM says of channel binding in its first message (RFC 5802 §6).</summary>
internal enum ScramBinding
{
    /// <summary>"n": the client cannot bind.</summary>
    Unsupported,

    /// <summary>"y": the client could, and the server does not seem to offer it.</summary>
    NotOffered,

    /// <summary>"p": bound to tls-server-end-point.</summary>
    Bound,
}

/// <summary>SCRAM-SHA-256 and -PLUS (RFC 5802, RFC 7677): neither side shows the password, both prove that they know it.</summary>
internal sealed class ScramClient : SaslClient
{
    public const string Name = "SCRAM-SHA-256";
    public const string PlusName = "SCRAM-SHA-256-PLUS";

    // RFC 7677 §4: at least 4096, or whoever stands for the server has an easy guess at the password. The upper
    // bound is what a server may make us spend: about a quarter of a second.
    private const int LeastIterations = 4_096;
    private const int MostIterations = 600_000;

    private readonly Func<byte[], int, ScramKeys> keysFor;
    private readonly Func<byte[], int, ScramKeys?>? keysKnown;
    private readonly string header;
    private readonly byte[] bound;
    private readonly string nonce;
    private readonly string firstBare;
    private ScramKeys? keys;
    private byte[]? serverSignature;
    private bool proven;

    /// <param name="binding">What is said of channel binding.</param>
    /// <param name="serverEndPoint">The binding's data, for <see cref="ScramBinding.Bound"/>.</param>
    /// <param name="authorizationId">Whom to act as, or null.</param>
    /// <param name="preparedUser">The user's name, prepared.</param>
    /// <param name="nonce">Printable characters without a comma.</param>
    /// <param name="keysFor">Derives keys from salt and iterations.</param>
    /// <param name="keysKnown">Those that have been derived already, or null.</param>
    public ScramClient(
        ScramBinding binding,
        ReadOnlyMemory<byte> serverEndPoint,
        string? authorizationId,
        string preparedUser,
        string nonce,
        Func<byte[], int, ScramKeys> keysFor,
        Func<byte[], int, ScramKeys?>? keysKnown = null)
        : base(binding == ScramBinding.Bound ? PlusName : Name)
    {
        this.keysFor = keysFor;
        this.keysKnown = keysKnown;
        this.nonce = nonce;
        bound = binding == ScramBinding.Bound ? serverEndPoint.ToArray() : [];
        var flag = binding switch
        {
            ScramBinding.Bound => "p=tls-server-end-point",
            ScramBinding.NotOffered => "y",
            _ => "n",
        };
        header = authorizationId is null ? flag + ",," : $"{flag},a={SaslName.Escape(authorizationId)},";
        firstBare = $"n={SaslName.Escape(preparedUser)},r={nonce}";
    }

    public override byte[] InitialResponse => Encoding.UTF8.GetBytes(header + firstBare);

    public override bool IsServerProven => proven;

    public override Action? Prepare(ReadOnlySpan<byte> challenge)
    {
        if (serverSignature is not null || Fault is not null || Read(Encoding.UTF8.GetString(challenge), out var salt, out var iterations, out _) is not null)
            return null;
        keys = keysKnown?.Invoke(salt, iterations);
        return keys is null ? () => keys = keysFor(salt, iterations) : null;
    }

    public override byte[]? Respond(ReadOnlySpan<byte> challenge)
    {
        if (proven || Fault is not null)
            return Cancel("The server asked more than SCRAM has to say");
        return serverSignature is null ? Prove(challenge) : Verify(challenge);
    }

    private byte[]? Prove(ReadOnlySpan<byte> challenge)
    {
        var serverFirst = Encoding.UTF8.GetString(challenge);
        if (Read(serverFirst, out var salt, out var iterations, out var fullNonce) is { } mistake)
            return Cancel(mistake);
        keys ??= keysFor(salt, iterations);
        var withoutProof = $"c={Convert.ToBase64String([.. Encoding.UTF8.GetBytes(header), .. bound])},r={fullNonce}";
        var authMessage = Encoding.UTF8.GetBytes($"{firstBare},{serverFirst},{withoutProof}");
        var proof = HMACSHA256.HashData(keys.StoredKey, authMessage);
        for (var i = 0; i < proof.Length; i++)
            proof[i] ^= keys.ClientKey[i];
        serverSignature = HMACSHA256.HashData(keys.ServerKey, authMessage);
        return Encoding.UTF8.GetBytes($"{withoutProof},p={Convert.ToBase64String(proof)}");
    }

    // What is wrong with the server's first message, or null.
    private string? Read(string serverFirst, out byte[] salt, out int iterations, out string fullNonce)
    {
        (salt, iterations, fullNonce) = ([], 0, "");
        if (ScramAttributes.Read(serverFirst, 'r', 's', 'i') is not [var nonces, var saltText, var iterationText, ..])
            return "The server's first message is not one of SCRAM";
        if (!nonces.StartsWith(nonce, StringComparison.Ordinal) || nonces.Length == nonce.Length)
            return "The server's nonce does not continue the client's";
        if (ScramAttributes.Base64(saltText) is not { Length: > 0 } decoded)
            return "The server's salt is not base64";
        if (!int.TryParse(iterationText, NumberStyles.None, CultureInfo.InvariantCulture, out iterations)
            || iterations is < LeastIterations or > MostIterations)
        {
            return string.Create(CultureInfo.InvariantCulture, $"The server asks for a number of iterations outside {LeastIterations} to {MostIterations}");
        }
        (salt, fullNonce) = (decoded, nonces);
        return null;
    }

    private byte[]? Verify(ReadOnlySpan<byte> challenge)
    {
        var serverFinal = Encoding.UTF8.GetString(challenge);
        if (ScramAttributes.Read(serverFinal, 'e') is [var error, ..])
        {
            Fault = $"The server refused: {(IsErrorWord(error) ? error : "other-error")}";
            return [];
        }
        if (ScramAttributes.Read(serverFinal, 'v') is not [var text, ..]
            || ScramAttributes.Base64(text) is not { } signature
            || !CryptographicOperations.FixedTimeEquals(signature, serverSignature))
        {
            return Cancel("The server does not know the password: its signature is wrong");
        }
        proven = true;
        return [];
    }

    // RFC 5802 §7 server-error-value; anything else is not passed on to logs.
    private static bool IsErrorWord(string word)
    {
        foreach (var c in word)
        {
            if (!char.IsAsciiLetterLower(c) && c != '-')
                return false;
        }
        return word.Length is > 0 and <= 64;
    }
}
