namespace Postrider.Hosting.Reception;

/// <summary>That clients may say by when a message is to be delivered (DELIVERBY, RFC 2852).</summary>
public sealed class DeliverByOptions
{
    /// <summary>The shortest time that is taken where the message is to be returned if it comes late: up to 1 day. None unless set.</summary>
    public TimeSpan Shortest { get; set; }
}
