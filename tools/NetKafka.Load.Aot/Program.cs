using NetKafka.Load.Commands;
using NetKafka.Load.Peers;

// The driver starts it as it starts itself, with this command alone.
if (args is not ["run", ..])
{
    Console.Error.WriteLine(RunCommand.Usage);
    return 2;
}
try
{
    return await RunCommand.RunAsync(new CommandLine(args.AsSpan(1)), [new NetKafkaPeer("netkafka-aot")]);
}
catch (UsageException error)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}
