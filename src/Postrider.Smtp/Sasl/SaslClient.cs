namespace Postrider.Smtp.Sasl;

/// <summary>
/// The client's side of one SASL exchange (RFC 4422). It holds one exchange and is not used again. Challenges
/// and responses are as the mechanism means them; base64 and <c>AUTH</c> are the caller's (RFC 4954 §4).
/// </summary>
/// <remarks>
/// <see cref="InitialResponse"/> goes with AUTH, <c>=</c> standing for an empty one, or answers the first
/// challenge where it does not fit the line. Then each challenge is put to <see cref="Respond"/>. After a 235,
/// <see cref="IsServerProven"/> says whether the server may be believed.
/// </remarks>
public abstract class SaslClient
{
    private protected SaslClient(string mechanism) => Mechanism = mechanism;

    /// <summary>The name of the mechanism, as in the registry of IANA.</summary>
    public string Mechanism { get; }

    /// <summary>What the client says first, which may be empty; null where the server speaks first.</summary>
    public virtual byte[]? InitialResponse => null;

    /// <summary>
    /// Whether the server has shown what the mechanism demands of it; false before, and after a 235 without
    /// that the exchange has failed: the server does not know the password. True for mechanisms that demand nothing.
    /// </summary>
    public virtual bool IsServerProven => true;

    /// <summary>What went wrong in words, the server's where it gave any, without any secret; or null.</summary>
    public string? Fault { get; private protected set; }

    /// <summary>
    /// What has to be computed before a challenge can be answered, where that takes a processor for tens of milliseconds; null
    /// where nothing has. It may be run on any thread, and <see cref="Respond"/> is called with the same challenge behind it.
    /// Who does not ask gets the same responses, at that price.
    /// </summary>
    /// <param name="challenge">What the server sent, decoded.</param>
    public virtual Action? Prepare(ReadOnlySpan<byte> challenge) => null;

    /// <summary>Takes a challenge.</summary>
    /// <param name="challenge">What the server sent, decoded.</param>
    /// <returns>The response, which may be empty; null to cancel the exchange with <c>*</c>.</returns>
    public abstract byte[]? Respond(ReadOnlySpan<byte> challenge);

    private protected byte[]? Cancel(string fault)
    {
        Fault ??= fault;
        return null;
    }
}
