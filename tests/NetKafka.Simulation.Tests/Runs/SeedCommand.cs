using System.Globalization;
using NetKafka.Internal.Kernel;
using NetKafka.Simulation.Tests.Machines;
using NetKafka.Simulation.Tests.Faults;
using NetKafka.Simulation.Tests.Scenarios;

namespace NetKafka.Simulation.Tests.Runs;

/// <summary>
/// The program's own options. <c>--seeds 0..1000</c> runs a range, <c>--coverage</c> counts its faults; <c>--replay SEED</c> tells
/// the story of one, with <c>--only 3,7</c> of some of its faults; <c>--shrink SEED</c> looks for the fewest faults that fail it.
/// <c>--mutants</c> puts bugs back, one after the other, and runs seeds until one shows it; <c>--bug NAME</c> one of them,
/// <c>--without KIND</c> with no fault of a kind, <c>--without-each</c> with each kind left out in its turn. <c>--scenario NAME</c> keeps to one; without it each seed has its own.
/// <c>--traces 0..1000</c> is for the second process, in which one of each hundred seeds runs again.
/// </summary>
sealed class SeedCommand
{
    string? _scenario;
    Bug _bug;
    bool _runsMutants;
    bool _leavesOutEach;
    FaultKind? _without;
    (ulong From, ulong To)? _seeds;
    (ulong From, ulong To)? _traces;
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
            else if (args[i] == "--mutants")
                command._runsMutants = true;
            else if (args[i] == "--without-each")
                command._leavesOutEach = true;
            else if (i + 1 == args.Length || !command.TryTake(args[i], args[++i]))
                return false;
        }
        return command._seeds is not null || command._replay is not null || command._shrink is not null || command._runsMutants
            || command._traces is not null;
    }

    /// <returns>1 where something was violated, else 0.</returns>
    public int Run(TextWriter output)
    {
        if (_runsMutants)
            return Mutants(output);
        if (_traces is { } traces)
        {
            SecondProcess.Tell(_scenario, traces.From, traces.To, output);
            return 0;
        }
        if (_replay is { } seed)
            return Replay(seed, output);
        if (_shrink is { } failing)
            return Shrink(failing, output);
        var (from, to) = _seeds!.Value;
        var range = new SeedRange(_scenario, from, to, output.WriteLine);
        range.Run();
        range.RunAgain();
        if (_showsCoverage)
        {
            foreach (var kind in Enum.GetValues<FaultKind>())
                output.WriteLine($"{kind}: {range.SeedsWithFault[(int)kind]} seeds");
            foreach (var api in OldVersions.Used)
                output.WriteLine($"{api}: {range.IllegalAnswers.GetValueOrDefault(api)} illegal answers");
            output.WriteLine($"fewest records of a seed: {range.FewestRecords}, fewest faults: {range.FewestFaults.Count} (seed {range.FewestFaults.Seed})");
        }
        output.WriteLine(range.Summary);
        return range.FailedSeeds > 0 || range.Differing.Count > 0 ? 1 : 0;
    }

    bool TryTake(string name, string value)
    {
        switch (name)
        {
            case "--scenario":
                _scenario = value;
                return true;
            case "--bug" when Enum.TryParse<Bug>(value, out var bug):
                _bug = bug;
                return true;
            case "--without" when Enum.TryParse<FaultKind>(value, out var kind):
                _without = kind;
                return true;
            case "--seeds" when value.Split("..") is [var from, var to]:
                _seeds = (Number(from), Number(to));
                return true;
            case "--traces" when value.Split("..") is [var from, var to]:
                _traces = (Number(from), Number(to));
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

    /// <summary>Which bugs only a kind of fault shows: a kind without any is one that finds nothing of its own.</summary>
    int MutantsByKind(TextWriter output)
    {
        var (from, to) = _seeds ?? (0, MutantHunt.MostSeeds);
        var kinds = Enum.GetValues<FaultKind>();
        var needs = new SortedDictionary<Bug, FaultKind[]>();
        foreach (var bug in _bug == Bug.None ? PlantedBugs.ShownBySeeds : [_bug])
        {
            var hunt = new KindHunt(bug, from, to);
            needs[bug] = hunt.Run();
            output.WriteLine($"{bug}: {(!hunt.IsFound ? "NOT found" : needs[bug].Length == 0 ? "needs none of them" : $"needs {string.Join(", ", needs[bug])}")}");
        }
        foreach (var kind in kinds)
        {
            var survivors = needs.Where(entry => entry.Value.Contains(kind)).Select(entry => entry.Key).ToArray();
            output.WriteLine($"without {kind}: {(survivors.Length == 0 ? "all are found" : string.Join(", ", survivors) + " not found")}");
        }
        output.WriteLine($"kinds={kinds.Length} idle={kinds.Count(kind => !needs.Values.Any(needed => needed.Contains(kind)))}");
        return 0;
    }

    int Mutants(TextWriter output)
    {
        if (_leavesOutEach)
            return MutantsByKind(output);
        var bugs = _bug == Bug.None ? PlantedBugs.ShownBySeeds : [_bug];
        var (from, to) = _seeds ?? (0, MutantHunt.MostSeeds);
        var (count, found) = (0, 0);
        foreach (var bug in bugs)
        {
            count++;
            var hunt = new MutantHunt(bug, from, to, _without is { } without ? fault => fault.Kind != without : null);
            found += hunt.Run() ? 1 : 0;
            output.WriteLine(hunt.Summary);
        }
        output.WriteLine($"mutants={count} found={found}");
        return found < count ? 1 : 0;
    }

    int Replay(ulong seed, TextWriter output)
    {
        var result = SeedRun.Execute(
            seed, _scenario, new RunOptions(true, _only is null ? null : fault => _only.Contains(fault.Index), _bug));
        foreach (var line in result.Story!.Lines)
            output.WriteLine(line);
        output.WriteLine($"trace {result.TraceHash:x16}, {result.Steps} steps, {result.Records} records, {result.Faults} faults, {result.Violations.Count} violations");
        return result.HasFailed ? 1 : 0;
    }

    int Shrink(ulong seed, TextWriter output)
    {
        var name = Scenario.Of(seed, _scenario).Name;
        var kept = Shrinker.Shrink(seed, name);
        if (kept is null)
        {
            output.WriteLine($"seed {seed} of {name} does not fail");
            return 0;
        }
        output.WriteLine($"{kept.Count} faults are enough:");
        output.WriteLine($"    --scenario {name} --replay {seed} --only {(kept.Count == 0 ? "," : string.Join(',', kept))}");
        return 1;
    }

    static ulong Number(string text) => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
