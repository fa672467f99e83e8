namespace Postrider.Testing.Simulations;

/// <summary>A simulation cannot go on; the message says why, with the seed.</summary>
public sealed class SimulationException : Exception
{
    /// <summary>Makes one without a message.</summary>
    public SimulationException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Why it cannot go on.</param>
    public SimulationException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a cause.</summary>
    /// <param name="message">Why it cannot go on.</param>
    /// <param name="innerException">The cause.</param>
    public SimulationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
