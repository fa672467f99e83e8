using System.Runtime.InteropServices;

namespace Postrider.Queue.Disk;

/// <summary>Memory as <see cref="IDiskFile.WriteBlocks"/> wants it: it begins at a multiple of 4,096, and stays where it is.</summary>
internal static class BlockMemory
{
    private const int Block = 4096;

    /// <summary>Makes some; what it holds at first is undefined.</summary>
    /// <param name="length">Octets.</param>
    public static Memory<byte> Make(int length)
    {
        var octets = GC.AllocateUninitializedArray<byte>(length + Block, pinned: true);
        var start = Marshal.UnsafeAddrOfPinnedArrayElement(octets, 0);
        return octets.AsMemory((int)(-start & (Block - 1)), length);
    }
}
