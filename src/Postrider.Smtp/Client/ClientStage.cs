using System.Buffers;
using Postrider.Smtp.Replies;

namespace Postrider.Smtp.Client;

/// <summary>A dialogue of an extension before the first MAIL: commands, one at a time, and their replies.</summary>
public abstract class ClientStage
{
    /// <summary>Writes the first command, CRLF at its end.</summary>
    public abstract void Start(IBufferWriter<byte> commands);

    /// <summary>Takes a reply; a 421 never gets here.</summary>
    /// <param name="reply">The reply, valid during the call.</param>
    /// <param name="commands">Where the next command goes, if there is one.</param>
    /// <returns>Whether a command was written and the stage goes on; false where it is over.</returns>
    public abstract bool Continue(ReplyParser reply, IBufferWriter<byte> commands);
}
