using Postrider.Delivery.Relay;
using Postrider.Delivery.Routing;

namespace Postrider.Hosting.Fetching;

/// <summary>What is to be fetched, and how.</summary>
/// <param name="Host">From whom.</param>
/// <param name="Terms">How the connection is protected, and who we are.</param>
/// <param name="Domains">The domains to name in ATRN, none for all that are ours there; null for TURN.</param>
/// <param name="HelloName">Our name in EHLO, or null: that of the server.</param>
internal sealed record FetchRequest(RelayHost Host, RelayTerms Terms, IReadOnlyList<string>? Domains, string? HelloName);
