using System.CommandLine;
using System.Net;
using Postrider.Bench;

// What bench/run needs besides the program and the load generator.
var listen = new Option<string>("--listen") { Description = "Address and port.", DefaultValueFactory = static _ => "127.0.0.1:2525" };
var nullSpool = new Command("null-spool", "Run the server over a spool that drops everything.") { listen };
nullSpool.SetAction((parsed, interrupted) => NullSpoolServer.RunAsync(IPEndPoint.Parse(parsed.GetValue(listen)!), interrupted));

var data = new Option<string>("--data") { Description = "The data folder.", Required = true };
var messages = new Option<int>("--messages") { Description = "How many.", DefaultValueFactory = static _ => 1_000_000 };
var fillSpool = new Command("fill-spool", "Fill the spool of a data folder with small messages that are due tomorrow.") { data, messages };
fillSpool.SetAction((parsed, _) => FillSpool.RunAsync(parsed.GetValue(data)!, parsed.GetValue(messages)));

var certificate = new Option<string>("--certificate") { Description = "A PEM file.", Required = true };
var key = new Option<string>("--key") { Description = "A PEM file.", Required = true };
var bareTls = new Command("bare-tls", "Run a server that does nothing but TLS.") { listen, certificate, key };
bareTls.SetAction((parsed, interrupted) => BareTlsServer.RunAsync(IPEndPoint.Parse(parsed.GetValue(listen)!), parsed.GetValue(certificate)!, parsed.GetValue(key)!, interrupted));

return await new RootCommand("Parts of the benchmark that are made of Postrider itself, or compared with it.") { nullSpool, fillSpool, bareTls }.Parse(args).InvokeAsync();
