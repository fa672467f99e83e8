namespace Postrider.Delivery.People;

/// <summary>Something wrong among users, aliases and lists.</summary>
/// <param name="Path">Which value, as the one who gave it names it.</param>
/// <param name="Reason">What is wrong, and what would be right.</param>
public readonly record struct AddressMistake(string Path, string Reason);
