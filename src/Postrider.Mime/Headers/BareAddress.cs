namespace Postrider.Mime.Headers;

/// <summary>An address of a header field without a domain, such as <c>jones</c> in <c>To: jones, Tim &lt;tim@example.org&gt;</c>.</summary>
/// <param name="Start">Where its local part begins, in octets from the start of the content.</param>
/// <param name="End">Where it ends; the domain belongs here.</param>
/// <param name="Column">Octets before it in its line.</param>
public readonly record struct BareAddress(int Start, int End, int Column);
