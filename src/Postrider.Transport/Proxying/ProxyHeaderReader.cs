using System.Buffers;

namespace Postrider.Transport.Proxying;

/// <summary>
/// Reads a PROXY header off a connection, and not an octet more: what is behind it is TLS or SMTP. For that the line of
/// version 1 is read in pairs of octets, since CRLF is the least that is missing.
/// </summary>
internal static class ProxyHeaderReader
{
    /// <summary>Reads it. The caller bounds the time, by aborting the connection.</summary>
    /// <returns>The header, or what is wrong; neither where the peer closed without a word.</returns>
    /// <exception cref="IOException">The connection is broken or was aborted.</exception>
    public static async ValueTask<(ProxyHeader? Header, string? Problem)> ReadAsync(ITransport transport)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ProxyHeader.FixedLength + ProxyHeader.LongestRest);
        try
        {
            var read = await FillAsync(transport, buffer.AsMemory(0, ProxyHeader.SignatureLength));
            if (read < ProxyHeader.SignatureLength)
                return (null, read == 0 ? null : "it ended within the header");
            if (ProxyHeader.IsBinary(buffer))
                return await ReadBinaryAsync(transport, buffer);
            return ProxyHeader.IsText(buffer) ? await ReadTextAsync(transport, buffer) : (null, "it began with something else");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask<(ProxyHeader? Header, string? Problem)> ReadBinaryAsync(ITransport transport, byte[] buffer)
    {
        var start = buffer.AsMemory(0, ProxyHeader.FixedLength);
        if (await FillAsync(transport, start[ProxyHeader.SignatureLength..]) < ProxyHeader.FixedLength - ProxyHeader.SignatureLength)
            return (null, "it ended within the header");
        if (!ProxyHeader.TryParseFixed(start.Span, out var length))
            return (null, "version 2, with a version, command, family or length that it does not have");
        if (length > ProxyHeader.LongestRest)
            return (null, "the header is too long");
        var rest = buffer.AsMemory(ProxyHeader.FixedLength, length);
        return await FillAsync(transport, rest) < length
            ? (null, "it ended within the header")
            : (ProxyHeader.ParseRest(start.Span, rest.Span), null);
    }

    private static async ValueTask<(ProxyHeader? Header, string? Problem)> ReadTextAsync(ITransport transport, byte[] buffer)
    {
        var length = ProxyHeader.SignatureLength;
        while (true)
        {
            // A CR within the line is no end of it, and the parser refuses it.
            var missing = buffer[length - 1] == '\r' ? 1 : 2;
            if (length + missing > ProxyHeader.LongestLine)
                return (null, "the header is too long");
            if (await FillAsync(transport, buffer.AsMemory(length, missing)) < missing)
                return (null, "it ended within the header");
            length += missing;
            if (buffer[length - 2] == '\r' && buffer[length - 1] == '\n')
                break;
            if (buffer.AsSpan(length - missing, missing).Contains((byte)'\n'))
                return (null, "the line of version 1 does not end with CR LF");
        }
        return ProxyHeader.TryParseText(buffer.AsSpan(0, length - 2), out var header)
            ? (header, null)
            : (null, "version 1, and not written as PROXY TCP4 or TCP6, two addresses and two ports");
    }

    // Fewer than asked for where the input ends.
    private static async ValueTask<int> FillAsync(ITransport transport, Memory<byte> room)
    {
        var filled = 0;
        while (filled < room.Length)
        {
            var count = await transport.ReadAsync(room[filled..]);
            if (count == 0)
                break;
            filled += count;
        }
        return filled;
    }
}
