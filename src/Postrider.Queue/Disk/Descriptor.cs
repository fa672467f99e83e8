using Microsoft.Win32.SafeHandles;

namespace Postrider.Queue.Disk;

/// <summary>
/// The number of an open file. It is closed when the last call that uses it has returned, so that no
/// call reaches another file, opened meanwhile, which got the same number.
/// </summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>Keeps it open until the result is disposed of.</summary>
    public Held Use() => new(this);

    protected override bool ReleaseHandle() => UnixCalls.Close((int)handle) == 0;

    /// <summary>A descriptor for as long as a call lasts.</summary>
    internal readonly ref struct Held
    {
        private readonly Descriptor descriptor;

        public Held(Descriptor descriptor)
        {
            this.descriptor = descriptor;
            var isHeld = false;
            try
            {
                descriptor.DangerousAddRef(ref isHeld);
            }
            catch (ObjectDisposedException)
            {
                // The system answers "bad file descriptor".
                Number = -1;
                return;
            }
            Number = (int)descriptor.DangerousGetHandle();
        }

        public int Number { get; }

        public void Dispose()
        {
            if (Number >= 0)
                descriptor.DangerousRelease();
        }
    }
}
