namespace Postrider.Tests;

/// <summary>Damages what was right, so that fuzzing gets past the first octet.</summary>
internal static class Mutation
{
    /// <summary>Changes octets a few times over: another one, one more of those that mean something, some gone, some doubled.</summary>
    /// <param name="sound">What is right.</param>
    /// <param name="meaningful">Octets that its grammar gives a meaning.</param>
    /// <param name="random">Where chance comes from.</param>
    public static byte[] Mutate(ReadOnlySpan<byte> sound, ReadOnlySpan<byte> meaningful, Random random)
    {
        var octets = new List<byte>([.. sound]);
        for (var count = random.Next(1, 8); count > 0 && octets.Count > 0; count--)
        {
            var at = random.Next(octets.Count);
            switch (random.Next(4))
            {
                case 0: octets[at] = (byte)random.Next(256); break;
                case 1: octets.RemoveRange(at, Math.Min(random.Next(1, 10), octets.Count - at)); break;
                case 2: octets.Insert(at, meaningful[random.Next(meaningful.Length)]); break;
                default: octets.InsertRange(at, octets.GetRange(at, Math.Min(random.Next(1, 60), octets.Count - at))); break;
            }
        }
        return [.. octets];
    }
}
