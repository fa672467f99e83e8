using System.Text;

namespace Postrider.Delivery.Terminals;

/// <summary>Shows a text at a terminal; true once it is there. Called one at a time.</summary>
/// <param name="text">Lines that end with CR LF, without control characters but tabs.</param>
/// <param name="cancellationToken">It has taken too long, or the program stops.</param>
public delegate ValueTask<bool> TerminalWriter(string text, CancellationToken cancellationToken);

/// <summary>
/// The terminals that users have open: those attached to the server, and those they are logged in at on this machine.
/// Safe for any thread.
/// </summary>
public sealed class UserTerminals
{
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider time;
    private readonly LoginRecords logins;
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<Attached>> attached = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes it.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="loginRecords">The file of logins (utmp(5)).</param>
    public UserTerminals(TimeProvider time, string loginRecords = "/var/run/utmp")
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(loginRecords);
        this.time = time;
        logins = new LoginRecords(loginRecords);
    }

    /// <summary>Opens a terminal for a user, until what is returned is disposed of.</summary>
    /// <param name="user">The user; case is of no matter.</param>
    /// <param name="write">Shows a text there.</param>
    public IDisposable Attach(string user, TerminalWriter write)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(write);
        var one = new Attached(this, user, write);
        lock (gate)
        {
            if (!attached.TryGetValue(user, out var ofUser))
                attached.Add(user, ofUser = []);
            ofUser.Add(one);
        }
        return one;
    }

    /// <summary>Whether a user has a terminal open that takes messages.</summary>
    public bool Accepts(string user)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (AttachedTo(user).Count > 0)
            return true;
        foreach (var path in logins.FindDevices(user))
        {
            using var device = TerminalDevice.Open(path);
            if (device is not null)
                return true;
        }
        return false;
    }

    /// <summary>Shows a text to a user: at the terminals that are attached, or else at the one used last of those logged in.</summary>
    /// <returns>Whether it was shown anywhere.</returns>
    public async ValueTask<bool> ShowAsync(string user, string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(text);
        var isShown = false;
        foreach (var one in AttachedTo(user))
            isShown |= await one.ShowAsync(text, cancellationToken);
        if (isShown)
            return true;
        var octets = Encoding.UTF8.GetBytes(text);
        foreach (var path in logins.FindDevices(user))
        {
            using var device = TerminalDevice.Open(path);
            if (device is not null && await WriteAsync(device, octets, cancellationToken))
                return true;
        }
        return false;
    }

    // A terminal that its user has stopped takes nothing; what it has taken of a text by then is not the text.
    private async ValueTask<bool> WriteAsync(TerminalDevice device, byte[] octets, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var at = 0; at < octets.Length;)
        {
            var written = device.Write(octets.AsSpan(at));
            if (written < 0 || (written == 0 && time.GetElapsedTime(started) > patience))
                return false;
            if (written == 0)
                await Task.Delay(pause, time, cancellationToken);
            at += written;
        }
        return true;
    }

    private List<Attached> AttachedTo(string user)
    {
        lock (gate)
            return attached.TryGetValue(user, out var ofUser) ? [.. ofUser] : [];
    }

    private sealed class Attached(UserTerminals owner, string user, TerminalWriter write) : IDisposable
    {
        private readonly SemaphoreSlim turn = new(1, 1);

        public async ValueTask<bool> ShowAsync(string text, CancellationToken cancellationToken)
        {
            using var enough = new CancellationTokenSource(patience, owner.time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
            try
            {
                await turn.WaitAsync(either.Token);
                try
                {
                    return await write(text, either.Token);
                }
                finally
                {
                    turn.Release();
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        public void Dispose()
        {
            lock (owner.gate)
            {
                if (owner.attached.TryGetValue(user, out var ofUser) && ofUser.Remove(this) && ofUser.Count == 0)
                    owner.attached.Remove(user);
            }
        }
    }
}
