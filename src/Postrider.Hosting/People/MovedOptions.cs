namespace Postrider.Hosting.People;

/// <summary>Somebody who has another address now (RFC 5321 §3.4).</summary>
public sealed class MovedOptions
{
    /// <summary>The new address.</summary>
    public string To { get; set; } = "";

    /// <summary>Whether mail is passed on and the sender told (251), or refused with the new address (551).</summary>
    public bool Forward { get; set; }
}
