using System.Buffers;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Client;

/// <summary>A dialogue of an extension before the first MAIL: commands, one at a time, and their replies.</summary>
public abstract class ClientStage
{
    /// <summary>Why the session is of no use, once <see cref="StageStep.Failed"/> was returned.</summary>
    public SessionEnding? Failure { get; protected set; }

    /// <summary>Whether what it says must not be shown to anybody.</summary>
    public virtual bool IsSecret => false;

    /// <summary>What has to be computed, once <see cref="StageStep.Works"/> was returned. It may be run on any thread.</summary>
    public Action? Work { get; protected set; }

    /// <summary>Writes the first command, CRLF at its end.</summary>
    public abstract void Start(IBufferWriter<byte> commands);

    /// <summary>Takes a reply; a 421 never gets here.</summary>
    /// <param name="reply">The reply, valid during the call.</param>
    /// <param name="commands">Where the next command goes, if there is one.</param>
    public abstract StageStep Continue(ReplyParser reply, IBufferWriter<byte> commands);

    /// <summary>Writes the command that <see cref="Work"/> was done for.</summary>
    /// <param name="commands">Where it goes.</param>
    /// <exception cref="InvalidOperationException">The stage has no work.</exception>
    public virtual void Resume(IBufferWriter<byte> commands) => throw new InvalidOperationException("This stage computes nothing.");
}
