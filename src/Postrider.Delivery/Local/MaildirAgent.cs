using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using Postrider.Delivery.Routing;
using Postrider.Mime.Headers;
using Postrider.Queue.Disk;
using Postrider.Queue.Outcomes;
using Postrider.Queue.Spool;
using Postrider.Smtp.Envelopes;
using Postrider.Smtp.Replies;

namespace Postrider.Delivery.Local;

/// <summary>
/// Delivers into Maildirs, a mailbox for each recipient. A message is reported as delivered when its
/// file is durable in <c>new/</c>, whole; the files of all attempts under way are made durable
/// together. Delivered again after a crash, it is found there and not put there twice.
/// </summary>
public sealed class MaildirAgent : IDeliveryAgent
{
    private const int BufferLength = 64 * 1024;
    private const int MostFilesOpen = 16;

    private static readonly DeliveryStatus delivered =
        new(DeliveryResult.Delivered, new EnhancedStatusCode(2, 0, 0), "Delivered to the mailbox");

    private static readonly DeliveryStatus full =
        new(DeliveryResult.Deferred, new EnhancedStatusCode(4, 2, 2), "The mailbox is full");

    private static readonly DeliveryStatus fullForGood =
        new(DeliveryResult.Failed, new EnhancedStatusCode(5, 2, 2), "The mailbox is full");

    private static readonly DeliveryStatus tooLarge =
        new(DeliveryResult.Failed, new EnhancedStatusCode(5, 2, 3), "The message is larger than the mailbox may hold");

    private readonly IDisk disk;
    private readonly MaildirOptions options;
    private readonly string host;
    private readonly DeliveredNames earlier;
    private readonly MaildirWriter writer;
    private readonly MailboxSizes sizes;

    /// <summary>Makes the agent, before any mail of this run is accepted.</summary>
    /// <param name="disk">Where the mailboxes are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">How mail is put into them.</param>
    /// <param name="sizes">How much mailboxes with a quota hold, or null: the agent counts for itself.</param>
    public MaildirAgent(IDisk disk, TimeProvider time, MaildirOptions options, MailboxSizes? sizes = null)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        this.disk = disk;
        this.options = options;
        host = MaildirName.HostPart(options.HostName);
        earlier = new DeliveredNames(disk, time.GetUtcNow());
        this.sizes = sizes ?? new MailboxSizes(disk, time);
        writer = new MaildirWriter(disk, earlier, options.Bound);
    }

    /// <inheritdoc/>
    public async ValueTask DeliverAsync(DeliveryAttempt attempt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        // RFC 5321 §4.4: final delivery puts the reverse-path at the start of the message.
        await using var content = await attempt.OpenContentAsync(ReturnPathField.Format(attempt.Envelope.Envelope.ReversePath));
        if (content is null)
            return;
        var files = FilesOf(attempt);
        if (files.Count == 0)
            return;
        for (var start = 0; start < files.Count; start += MostFilesOpen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var group = files.GetRange(start, Math.Min(MostFilesOpen, files.Count - start));
            foreach (var file in group)
                file.IsThereAlready = await earlier.ContainsAsync(file, attempt.Envelope.Arrived);
            group = await WithRoomAsync(attempt, group, content.Length);
            if (group.Count == 0)
                continue;
            try
            {
                await WriteAsync(content, attempt.Envelope.Envelope.Body != BodyType.BinaryMime, group, cancellationToken);
                await writer.CommitAsync(group);
            }
            finally
            {
                foreach (var file in group)
                {
                    if (file.Reserved is { } reserved)
                        await sizes.SettleAsync(file.Folder, reserved, file.IsInPlace ? file.Length : null);
                }
            }
            foreach (var file in group)
            {
                var status = file.HasFailed ? Failure(file) : delivered;
                foreach (var recipient in file.Recipients)
                    attempt.Report(recipient, status);
            }
        }
    }

    /// <summary>One file for each mailbox that takes mail: recipients that are the same mailbox get one.</summary>
    private List<MaildirFile> FilesOf(DeliveryAttempt attempt)
    {
        var target = (MaildirTarget)attempt.Target;
        var name = MaildirName.Of(attempt.Envelope, host);
        var temporary = $"{name}.{attempt.Entry.Id}";
        var files = new List<MaildirFile>(attempt.Open.Length);
        var byFolder = attempt.Open.Length > 1 ? new Dictionary<string, MaildirFile>(StringComparer.Ordinal) : null;
        foreach (var open in attempt.Open)
        {
            if (attempt.HasOutcome(open.Index))
                continue;
            var (folder, quota, refusal) = target.PlaceOf(attempt.Recipient(open.Index).Mailbox);
            if (refusal is not null)
            {
                attempt.Report(open.Index, refusal);
                continue;
            }
            if (byFolder is null || !byFolder.TryGetValue(folder, out var file))
            {
                file = new MaildirFile(target.Root, folder, name, temporary) { Quota = quota };
                files.Add(file);
                byFolder?.Add(folder, file);
            }
            file.Recipients.Add(open.Index);
        }
        return files;
    }

    /// <summary>Takes room in mailboxes with a quota; those that have none left take nothing, and that is reported.</summary>
    private async ValueTask<List<MaildirFile>> WithRoomAsync(DeliveryAttempt attempt, List<MaildirFile> files, long octets)
    {
        if (files.TrueForAll(static file => !file.Quota.IsLimited))
            return files;
        var fitting = new List<MaildirFile>(files.Count);
        foreach (var file in files)
        {
            if (file.IsThereAlready || !file.Quota.IsLimited)
            {
                fitting.Add(file);
                continue;
            }
            var status = file.Quota.Octets > 0 && octets > file.Quota.Octets ? tooLarge
                : await sizes.TryReserveAsync(file.Folder, file.Quota, octets) ? null
                : file.Quota.IsFinal ? fullForGood
                : full;
            if (status is null)
            {
                file.Reserved = octets;
                fitting.Add(file);
                continue;
            }
            foreach (var recipient in file.Recipients)
                attempt.Report(recipient, status);
        }
        return fitting;
    }

    private async ValueTask WriteAsync(MessageContent content, bool isText, List<MaildirFile> files, CancellationToken cancellationToken)
    {
        if (files.TrueForAll(file => file.IsThereAlready))
            return;
        content.Rewind();
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(content.Length + 1, BufferLength));
        try
        {
            var pieces = new ReadOnlyMemory<byte>[1];
            long offset = 0;
            var held = 0;
            bool isAtEnd;
            do
            {
                var filled = held + await content.ReadAsync(buffer.AsMemory(held), cancellationToken);
                isAtEnd = content.Position >= content.Length;
                // The LF that belongs to a CR at the end may be the next octet.
                held = !isAtEnd && filled > 0 && buffer[filled - 1] == '\r' ? 1 : 0;
                var length = filled - held;
                if (isText && options.LineEnding == MailboxLineEnding.Lf)
                    length = LineEndings.ToLf(buffer.AsSpan(0, length));
                pieces[0] = buffer.AsMemory(0, length);
                var at = offset;
                var isLast = isAtEnd;
                await disk.RunAsync(() => WritePiece(files, at, pieces, isLast));
                offset += length;
                if (held > 0)
                    buffer[0] = (byte)'\r';
            }
            while (!isAtEnd);
        }
        catch
        {
            foreach (var file in files)
                file.Discard(disk);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool WritePiece(List<MaildirFile> files, long offset, ReadOnlyMemory<byte>[] pieces, bool isLast)
    {
        foreach (var file in files)
        {
            if (file.IsThereAlready || file.HasFailed)
                continue;
            if (offset == 0)
                Create(file);
            if (file.Handle is null)
                continue;
            file.Fail(file.Handle.Write(offset, pieces), "take a message");
            if (file.HasFailed)
            {
                file.Discard(disk);
                continue;
            }
            file.Length = offset + pieces[0].Length;
            if (isLast)
                file.Handle.StartWriteOut();
        }
        return true;
    }

    private void Create(MaildirFile file)
    {
        var error = disk.Open(file.TemporaryPath, FileUse.CreateNew, out var handle);
        if (error.IsExisting)
        {
            // Left by an attempt that a crash cut off.
            _ = disk.Delete(file.TemporaryPath);
            error = disk.Open(file.TemporaryPath, FileUse.CreateNew, out handle);
        }
        if (error.IsNotFound)
        {
            file.Fail(MaildirFolders.Create(disk, file.Folder), "be created");
            if (file.HasFailed)
                return;
            error = disk.Open(file.TemporaryPath, FileUse.CreateNew, out handle);
        }
        file.Fail(error, "take a message");
        file.Handle = handle;
    }

    private static DeliveryStatus Failure(MaildirFile file)
    {
        var quotaExceeded = OperatingSystem.IsLinux() ? 122 : 69;
        var code = file.Error.Number == quotaExceeded ? new EnhancedStatusCode(4, 2, 2)
            : file.Error.IsNoSpace ? new EnhancedStatusCode(4, 3, 1)
            : new EnhancedStatusCode(4, 3, 0);
        var reason = Marshal.GetPInvokeErrorMessage(file.Error.Number);
        return new DeliveryStatus(
            DeliveryResult.Deferred,
            code,
            DeliveryText.OneLine(string.Create(CultureInfo.InvariantCulture, $"The mailbox {file.RelativeFolder} cannot {file.FailedStep}: {reason} ({file.Error.Number})")));
    }
}
