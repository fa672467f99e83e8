using Postrider.Queue.Disk;

namespace Postrider.Tests.Queue.Disk;

public sealed class DiskThreadsTests
{
    [Fact]
    public async Task Work_is_done_on_a_thread_that_is_not_the_pools()
    {
        var isPool = await DiskThreads.RunAsync(() => Thread.CurrentThread.IsThreadPoolThread);
        Assert.False(isPool);
    }

    [Fact]
    public async Task What_the_work_throws_comes_back_and_the_thread_lives_on()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => DiskThreads.RunAsync<int>(() => throw new InvalidDataException()));
        Assert.Equal(7, await DiskThreads.RunAsync(() => 7));
    }

    [Fact]
    public async Task A_call_that_blocks_holds_up_no_other()
    {
        using var release = new ManualResetEventSlim();
        var blocked = DiskThreads.RunAsync(() =>
        {
            release.Wait();
            return true;
        });
        Assert.Equal(7, await DiskThreads.RunAsync(() => 7));
        Assert.False(blocked.IsCompleted);
        release.Set();
        Assert.True(await blocked);
    }

    [Fact]
    public async Task More_work_than_threads_is_all_done()
    {
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, DiskThreads.Most * 50).Select(_ => DiskThreads.RunAsync(() => Interlocked.Increment(ref done))));
        Assert.Equal(DiskThreads.Most * 50, done);
    }
}
