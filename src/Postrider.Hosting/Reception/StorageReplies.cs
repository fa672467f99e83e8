using Postrider.Queue.Spool;
using Postrider.Smtp.Replies;

namespace Postrider.Hosting.Reception;

/// <summary>Which reply a fault of the spool deserves.</summary>
internal static class StorageReplies
{
    /// <summary>The reply, or null where there is no fault.</summary>
    public static Reply? For(SpoolFault fault) => fault switch
    {
        SpoolFault.None => null,
        SpoolFault.NoSpace or SpoolFault.NoMemory => ReplyCatalogue.NoSpace,
        _ => ReplyCatalogue.StorageFailed,
    };
}
