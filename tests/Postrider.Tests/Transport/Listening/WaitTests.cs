using Postrider.Transport.Listening;

namespace Postrider.Tests.Transport.Listening;

public sealed class WaitTests
{
    private Wait wait;

    [Fact]
    public void It_expires_once_and_not_before_its_deadline()
    {
        wait.Begin(1000, WaitKind.ReadCommand);
        Assert.Equal(WaitKind.None, wait.TryExpire(999));
        Assert.Equal(WaitKind.ReadCommand, wait.TryExpire(1000));
        Assert.Equal(WaitKind.None, wait.TryExpire(1001));
        Assert.False(wait.TryStop());
        Assert.Equal(WaitEnd.Expired, wait.End());
        Assert.Equal(WaitKind.None, wait.TryExpire(1001));
    }

    [Theory]
    [InlineData(WaitKind.ReadCommand, true)]
    [InlineData(WaitKind.ReadInMessage, false)]
    [InlineData(WaitKind.Write, false)]
    internal void Only_a_wait_for_a_command_is_stopped(WaitKind kind, bool stops)
    {
        wait.Begin(1000, kind);
        Assert.Equal(stops, wait.TryStop());
        Assert.Equal(stops ? WaitKind.None : kind, wait.TryExpire(2000));
        Assert.Equal(stops ? WaitEnd.Stopped : WaitEnd.Expired, wait.End());
    }

    [Fact]
    public void What_has_ended_is_neither_stopped_nor_expired()
    {
        wait.Begin(1, WaitKind.ReadCommand);
        Assert.Equal(WaitEnd.Completed, wait.End());
        Assert.False(wait.TryStop());
        Assert.Equal(WaitKind.None, wait.TryExpire(long.MaxValue));
    }
}
