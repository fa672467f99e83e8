using System.CommandLine;
using Postrider.Commands;

// postrider serve     receives, keeps and delivers mail; without a configuration file as a sandbox
// postrider send      sends one message by SMTP
// postrider ask       asks a server: help, vrfy, expn
// postrider fetch     asks a server for the mail that waits there: ETRN
// postrider queue     shows and changes what is queued
// postrider terminal  shows the messages that others send to a user's terminal
// postrider user      shows and changes the accounts that may submit mail
// postrider check     checks the configuration
var program = new RootCommand("A mail server: receives, queues, relays and delivers mail by SMTP. Without a command it serves; without a configuration file it is a sandbox that sends nothing out.")
{
    ServeCommand.Create(),
    SendCommand.Create(),
    AskCommand.Create(),
    FetchCommand.Create(),
    QueueCommand.Create(),
    TerminalCommand.Create(),
    UserCommand.Create(),
    CheckCommand.Create(),
};
ServeCommand.MakeDefaultOf(program);
return await CommandLine.RunAsync(program, args);
