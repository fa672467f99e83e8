using System.Runtime.InteropServices;

namespace Postrider.Delivery.Terminals;

/// <summary>
/// The device of a terminal, opened for writing: it never becomes the terminal of this process, and a write to one
/// that is stopped does not wait.
/// </summary>
internal sealed partial class TerminalDevice : IDisposable
{
    private const int WriteOnly = 1;
    private const int Interrupted = 4;

    private static readonly int again = OperatingSystem.IsLinux() ? 11 : 35;

    // O_NOCTTY, O_NONBLOCK and O_CLOEXEC.
    private static readonly int flags = OperatingSystem.IsLinux() ? 0x100 | 0x800 | 0x80000 : 0x20000 | 0x4 | 0x1000000;

    private readonly int handle;

    private TerminalDevice(int handle) => this.handle = handle;

    /// <summary>Opens it, or null: it cannot be written to, or is no terminal.</summary>
    public static TerminalDevice? Open(string path)
    {
        var opened = OpenFile(path, WriteOnly | flags, 0);
        if (opened < 0)
            return null;
        var device = new TerminalDevice(opened);
        if (IsTerminal(opened) == 1)
            return device;
        device.Dispose();
        return null;
    }

    /// <summary>Writes what it takes now: how many octets, 0 where it takes none at present, or -1 where it has gone.</summary>
    public int Write(ReadOnlySpan<byte> octets)
    {
        while (true)
        {
            var written = WriteFile(handle, octets, (nuint)octets.Length);
            if (written >= 0)
                return (int)written;
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                return error == again ? 0 : -1;
        }
    }

    public void Dispose() => _ = CloseFile(handle);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsTerminal(int handle);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteFile(int handle, ReadOnlySpan<byte> octets, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int handle);
}
