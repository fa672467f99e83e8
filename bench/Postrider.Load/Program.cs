using System.CommandLine;
using Postrider.Load.Commands;

// Loads and measures mail servers. bench/run makes whole comparisons of it.
return await new RootCommand("Loads and measures mail servers.")
{
    SendCommand.Create(),
    SinkCommand.Create(),
    IdleCommand.Create(),
    HandshakeCommand.Create(),
    DripCommand.Create(),
}.Parse(args).InvokeAsync();
