using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Postrider.Delivery.Terminals;

namespace Postrider.Tests.Delivery.Terminals;

/// <summary>Terminals of logged-in users: pseudo-terminals that another process holds, and records of who sits there.</summary>
public sealed class LoginTests : IDisposable
{
    private readonly string records = Path.GetTempFileName();

    [Fact]
    public async Task A_message_appears_on_the_terminal_that_takes_messages()
    {
        using var closed = Terminal.Open(takesMessages: false);
        using var open = Terminal.Open(takesMessages: true);
        var terminals = new UserTerminals(TimeProvider.System, records);
        Write((7, closed.Process, closed.Line, "anna"));
        Assert.False(terminals.Accepts("anna"));
        Assert.False(await terminals.ShowAsync("anna", "Hello\r\n", TestContext.Current.CancellationToken));

        Write((7, closed.Process, closed.Line, "anna"), (7, open.Process, open.Line, "Anna"));
        Assert.True(terminals.Accepts("anna"));
        Assert.True(await terminals.ShowAsync("anna", "Grüße\r\n", TestContext.Current.CancellationToken));
        Assert.Equal("Grüße", await open.ReadLineAsync());
        Assert.False(terminals.Accepts("bob"));
    }

    [Fact]
    public void Records_of_the_dead_and_of_no_terminals_count_for_nothing()
    {
        using var open = Terminal.Open(takesMessages: true);
        var terminals = new UserTerminals(TimeProvider.System, records);
        // 8 is DEAD_PROCESS; no process has the last number that there is.
        Write((8, open.Process, open.Line, "anna"), (7, int.MaxValue, open.Line, "anna"), (7, open.Process, "null", "anna"), (7, open.Process, "../" + open.Line, "anna"), (7, open.Process, "pts/99999", "anna"));
        Assert.False(terminals.Accepts("anna"));
        File.Delete(records);
        Assert.False(terminals.Accepts("anna"));
    }

    public void Dispose() => File.Delete(records);

    private void Write(params (short Kind, int Process, string Line, string User)[] logins)
    {
        var length = RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64 ? 384 : 400;
        var octets = new byte[length * logins.Length];
        for (var i = 0; i < logins.Length; i++)
        {
            var record = octets.AsSpan(i * length, length);
            BinaryPrimitives.WriteInt16LittleEndian(record, logins[i].Kind);
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], logins[i].Process);
            Encoding.ASCII.GetBytes(logins[i].Line, record[8..]);
            Encoding.ASCII.GetBytes(logins[i].User, record[44..]);
        }
        File.WriteAllBytes(records, octets);
    }

    /// <summary>A pseudo-terminal, held by a Python that prints what appears there.</summary>
    private sealed class Terminal(Process holder, string line) : IDisposable
    {
        private const string Program = "import os,pty,sys\nm,s=pty.openpty()\nos.fchmod(s,int(sys.argv[1],8))\nprint(os.ttyname(s),flush=True)\nwhile True: os.write(1,os.read(m,4096))\n";

        public int Process => holder.Id;

        public string Line { get; } = line;

        public static Terminal Open(bool takesMessages)
        {
            var start = new ProcessStartInfo("python3", ["-c", Program, takesMessages ? "620" : "600"]) { UseShellExecute = false, RedirectStandardOutput = true };
            Process? holder = null;
            try
            {
                holder = System.Diagnostics.Process.Start(start)!;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                Assert.Skip("python3 is not installed; .ci/install does it, from Debian's packages.");
            }
            return new Terminal(holder, holder.StandardOutput.ReadLine()!["/dev/".Length..]);
        }

        public async Task<string?> ReadLineAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            return await holder.StandardOutput.ReadLineAsync(patience.Token);
        }

        public void Dispose()
        {
            holder.Kill();
            holder.Dispose();
        }
    }
}
