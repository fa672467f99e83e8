using Postrider.Delivery;

namespace Postrider.Hosting;

/// <summary>Which agent takes mail to which kind of place.</summary>
internal sealed record DeliveryAgents(IReadOnlyDictionary<Type, IDeliveryAgent> ByTarget);
