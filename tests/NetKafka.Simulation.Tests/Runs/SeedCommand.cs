using System.Globalization;
using NetKafka.Simulation.Tests.Scenarios;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>
/// The program's own options: <c>--seeds 0..1000</c> runs a range; <c>--replay SEED</c> tells the story of one, with
/// <c>--only 3,7</c> of some of its faults; <c>--shrink SEED</c> looks for the fewest faults that fail it;
/// <c>--scenario NAME</c> says which of them.
/// </summary>
sealed class SeedCommand
{
    string _scenario = Scenario.Default;
    (ulong From, ulong To)? _seeds;
    ulong? _replay;
    ulong? _shrink;
    HashSet<int>? _only;
    bool _showsCoverage;

    public static bool TryParse(string[] args, out SeedCommand command)
    {
        command = new SeedCommand();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--coverage")
                command._showsCoverage = true;
            else if (i + 1 == args.Length || !command.TryTake(args[i], args[++i]))
                return false;
        }
        return command._seeds is not null || command._replay is not null || command._shrink is not null;
    }

    /// <returns>1 where something was violated, else 0.</returns>
    public int Run(TextWriter output)
    {
        var scenario = Scenario.Find(_scenario);
        if (_replay is { } seed)
            return Replay(seed, scenario, output);
        if (_shrink is { } failing)
            return Shrink(failing, scenario, output);
        var (from, to) = _seeds!.Value;
        var range = new SeedRange(scenario, from, to, output.WriteLine);
        range.Run();
        if (_showsCoverage)
        {
            foreach (var kind in Enum.GetValues<Faults.FaultKind>())
                output.WriteLine($"{kind}: {range.SeedsWithFault[(int)kind]} seeds");
            output.WriteLine($"fewest records of a seed: {range.FewestRecords}");
        }
        output.WriteLine(range.Summary);
        return range.FailedSeeds > 0 ? 1 : 0;
    }

    bool TryTake(string name, string value)
    {
        switch (name)
        {
            case "--scenario":
                _scenario = value;
                return true;
            case "--seeds" when value.Split("..") is [var from, var to]:
                _seeds = (Number(from), Number(to));
                return true;
            case "--replay":
                _replay = Number(value);
                return true;
            case "--shrink":
                _shrink = Number(value);
                return true;
            case "--only":
                _only = [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(part => (int)Number(part))];
                return true;
            default:
                return false;
        }
    }

    int Replay(ulong seed, Scenario scenario, TextWriter output)
    {
        var result = SeedRun.Execute(seed, scenario, new RunOptions(true, _only is null ? null : fault => _only.Contains(fault.Index)));
        foreach (var line in result.Story!.Lines)
            output.WriteLine(line);
        output.WriteLine($"trace {result.TraceHash:x16}, {result.Steps} steps, {result.Records} records, {result.Faults} faults, {result.Violations.Count} violations");
        return result.HasFailed ? 1 : 0;
    }

    static int Shrink(ulong seed, Scenario scenario, TextWriter output)
    {
        var kept = Shrinker.Shrink(seed, scenario);
        if (kept is null)
        {
            output.WriteLine($"seed {seed} of {scenario.Name} does not fail");
            return 0;
        }
        output.WriteLine($"{kept.Count} faults are enough:");
        output.WriteLine($"    --scenario {scenario.Name} --replay {seed} --only {(kept.Count == 0 ? "," : string.Join(',', kept))}");
        return 1;
    }

    static ulong Number(string text) => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
