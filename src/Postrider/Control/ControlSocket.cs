using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postrider.Control;

/// <summary>The socket in the data folder by which commands speak to the server that owns it: HTTP with JSON, mode 0600.</summary>
internal static class ControlSocket
{
    /// <summary>Its name in the data folder.</summary>
    public const string FileName = "control.sock";

    // sockaddr_un holds 108 octets with the final NUL on Linux, 104 on others.
    private const int LongestPath = 103;

    /// <summary>How both sides write JSON.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        WriteIndented = false,
    };

    /// <summary>The socket's path.</summary>
    public static string PathIn(string dataFolder) => Path.Combine(Path.GetFullPath(dataFolder), FileName);

    /// <summary>Whether the system can name a socket in that folder.</summary>
    public static bool CanBeIn(string dataFolder) => System.Text.Encoding.UTF8.GetByteCount(PathIn(dataFolder)) <= LongestPath;

    /// <summary>A client of the server behind the socket.</summary>
    public static HttpClient Connect(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://postrider"),
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
