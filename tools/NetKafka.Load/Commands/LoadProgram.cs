using NetKafka.Load.Peers;
using NetKafka.Load.Placing;

namespace NetKafka.Load.Commands;

/// <summary>The commands. A client that lives in a project of its own brings its peer and has the same ones.</summary>
static class LoadProgram
{
    static readonly Dictionary<string, string> Usages = new()
    {
        ["compare"] = CompareCommand.Usage,
        ["sustain"] = SustainCommand.Usage,
        ["run"] = RunCommand.Usage,
        ["broker"] = BrokerCommand.Usage,
    };

    public static async Task<int> RunAsync(string[] words, IReadOnlyList<IPeer> peers)
    {
        try
        {
            if (words.Length == 0 || !Usages.TryGetValue(words[0], out var usage))
            {
                Console.Error.WriteLine(string.Join('\n', Usages.Values));
                return 2;
            }
            var line = new CommandLine(words.AsSpan(1));
            if (line.Has("help"))
            {
                Console.WriteLine(usage);
                return 0;
            }
            line.Expect(usage);
            switch (words[0])
            {
                case "broker":
                    Place(words, Placement.CoreOfBroker(line.Choice("layout", CpuLayout.Free)));
                    return await BrokerCommand.RunAsync(line);
                case "run":
                    Place(words, Placement.CoreOfClient(line.Choice("layout", CpuLayout.Free)));
                    return await RunCommand.RunAsync(line, peers);
                case "compare":
                    return await CompareCommand.RunAsync(line);
                default:
                    return await SustainCommand.RunAsync(line);
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
