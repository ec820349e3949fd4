using NetKafka.Load.Peers;
using NetKafka.Load.Placing;

namespace NetKafka.Load.Commands;

/// <summary>The commands. A client that lives in a project of its own brings its peer and has the same ones.</summary>
static class LoadProgram
{
    public static async Task<int> RunAsync(string[] words, IReadOnlyList<IPeer> peers)
    {
        try
        {
            var line = new CommandLine(words.AsSpan(Math.Min(1, words.Length)));
            switch (words.FirstOrDefault())
            {
                case "broker":
                    Place(words, Placement.CoreOfBroker(line.Choice("layout", CpuLayout.Free)));
                    return await BrokerCommand.RunAsync(line);
                case "run":
                    Place(words, Placement.CoreOfClient(line.Choice("layout", CpuLayout.Free)));
                    return await RunCommand.RunAsync(line, peers);
                case "compare":
                    return await CompareCommand.RunAsync(line);
                case "sustain":
                    return await SustainCommand.RunAsync(line);
                default:
                    Console.Error.WriteLine(string.Join('\n', CompareCommand.Usage, SustainCommand.Usage, RunCommand.Usage, BrokerCommand.Usage));
                    return 2;
            }
        }
        catch (UsageException error)
        {
            Console.Error.WriteLine(error.Message);
            return 2;
        }
    }

    static void Place(string[] words, int? core)
    {
        if (core is { } number)
            SelfOnCore.Restart(CommandLine.Without(words, "layout"), number);
    }
}
