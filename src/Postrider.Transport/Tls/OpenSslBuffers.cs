using System.Runtime.InteropServices;

namespace Postrider.Transport.Tls;

/// <summary>
/// Has OpenSSL give the buffers of a connection back while nothing is in them, some 10 KB of each that rests
/// (docs/decisions/0094-what-openssl-keeps-of-a-record.md). The runtime has no setting for it; OpenSSL calls whoever has
/// reserved a place in its contexts when it makes one, and that is asked for here.
/// </summary>
public static partial class OpenSslBuffers
{
    // CRYPTO_EX_INDEX_SSL_CTX, SSL_CTRL_MODE and SSL_MODE_RELEASE_BUFFERS of its public headers.
    private const int Contexts = 1;
    private const int ModeCommand = 33;
    private const int ReleaseBuffers = 0x10;

    private static readonly Lock gate = new();

    // Held here, since OpenSSL does for as long as the process lives.
    private static readonly ContextMade made = SetMode;
    private static bool? isSet;
    private static int contexts;

    private delegate void ContextMade(nint context, nint value, nint places, int place, CLong number, nint pointer);

    /// <summary>Contexts for which it was set.</summary>
    internal static int Count => Volatile.Read(ref contexts);

    /// <summary>
    /// Sets it for all TLS of this process that begins from here on. To be called once at the start; more often does nothing.
    /// </summary>
    /// <returns>Whether it could be done: on Linux with OpenSSL 3.</returns>
    public static bool ReleaseWhileIdle()
    {
        lock (gate)
            return isSet ??= OperatingSystem.IsLinux() && Reserve();
    }

    private static bool Reserve()
    {
        try
        {
            return NewPlace(Contexts, CLongZero, 0, Marshal.GetFunctionPointerForDelegate(made), 0, 0) >= 0;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static CLong CLongZero => new(0);

    private static void SetMode(nint context, nint value, nint places, int place, CLong number, nint pointer)
    {
        if ((Control(context, ModeCommand, new CLong(ReleaseBuffers), 0).Value & ReleaseBuffers) != 0)
            Interlocked.Increment(ref contexts);
    }

    [LibraryImport("libcrypto.so.3", EntryPoint = "CRYPTO_get_ex_new_index")]
    private static partial int NewPlace(int kind, CLong number, nint pointer, nint made, nint copied, nint freed);

    [LibraryImport("libssl.so.3", EntryPoint = "SSL_CTX_ctrl")]
    private static partial CLong Control(nint context, int command, CLong number, nint pointer);
}
