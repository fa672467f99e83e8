namespace Postrider.Hosting.Tokens;

/// <summary>Whose access tokens log somebody in (OAUTHBEARER, RFC 7628, and XOAUTH2).</summary>
public sealed class TokenOptions
{
    /// <summary>The issuer, an address of https as its tokens state it in <c>iss</c>; its keys are found by OpenID Connect Discovery.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>What a token must name in <c>aud</c>: this server, as the issuer knows it.</summary>
    public string Audience { get; set; } = "";

    /// <summary>The claim that holds the name of the account. <c>email</c> unless set.</summary>
    public string AccountClaim { get; set; } = "email";
}
