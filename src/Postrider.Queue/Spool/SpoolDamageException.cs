namespace Postrider.Queue.Spool;

/// <summary>Something stored is damaged on disk: which, where, and what was found, is in the message.</summary>
public sealed class SpoolDamageException : Exception
{
    /// <summary>Makes the exception without a text.</summary>
    public SpoolDamageException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is damaged and where it lies.</param>
    public SpoolDamageException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception with the error behind it.</summary>
    /// <param name="message">What is damaged and where it lies.</param>
    /// <param name="innerException">The error behind it.</param>
    public SpoolDamageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
