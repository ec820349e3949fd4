using System.Globalization;
using NetKafka.Load.Compare;
using NetKafka.Load.Placing;
using NetKafka.Load.Report;

namespace NetKafka.Load.Commands;

/// <summary><c>compare</c>: all rows, all clients, one table.</summary>
static class CompareCommand
{
    public const string Usage =
        """
        compare [--quick] [--output DIR] [--rows a,b] [--peers a,b] [--kafka DIR] [--blocks 5] [--minutes 84]
                [--layout free|pinned|one-core] [--awake]
            The whole table, against a null broker that it starts, and with a Kafka folder (--kafka or NETKAFKA_KAFKA_HOME:
            jars, or releases with their libs) against Java's tools and a real broker too. About 85 minutes; --quick: under five.
            --blocks  of each load    --minutes  after which no block begins, but the first of each load
            --rows    names of rows (1, 5, 1b-await-100) or of loads (fire-100)
            --layout  free: client and broker on all cores; pinned: on one each; one-core: both on the same
            --awake   no core falls asleep while latency is measured: threads spin at idle priority
            --output  where compare.md, compare.svg and compare.csv go
        """;

    const int FewestBlocks = 3;

    public static async Task<int> RunAsync(CommandLine line)
    {
        var plan = line.Has("quick") ? ComparePlan.Quick : ComparePlan.Full;
        plan = plan with { Blocks = line.Number("blocks", plan.Blocks), Budget = line.Minutes("minutes", plan.Budget) };
        plan = plan with { Layout = line.Choice("layout", plan.Layout), IsAwake = line.Has("awake") };
        var kafka = line.Find("kafka") ?? Environment.GetEnvironmentVariable("NETKAFKA_KAFKA_HOME");
        var output = line.Find("output");
        var machine = Machine.Describe(plan.Layout, plan.IsAwake);
        foreach (var text in machine)
            Console.WriteLine(text);
        var cases = Choose(plan, line.Find("rows")?.Split(','));
        var clients = await Clients.FindAsync(plan, kafka, line.Find("peers")?.Split(','), cases);
        foreach (var name in new[] { "java", "dekaf", Clients.Native })
        {
            if (clients.WhyMissing(name) is { } reason)
                Console.WriteLine($"{name}: {reason}");
        }
        var comparison = new Comparison(plan, clients, cases, kafka)
        {
            OnBlock = runs => Write(output, machine, runs),
        };
        var all = await comparison.RunAsync();
        var rows = Rows(all);
        Write(output, machine, all);
        Console.WriteLine();
        Console.Write(MarkdownTable.WriteForConsole(rows));
        Console.WriteLine(Noise(rows));
        var missed = rows.Count(row => row.IsMissed);
        Console.WriteLine(missed == 0 ? "no must was missed beyond the noise" : $"{missed} musts were missed beyond the noise");
        return 0;
    }

    static List<LoadCase> Choose(ComparePlan plan, string[]? names)
    {
        var chosen = names is null
            ? RowCatalog.Cases.Where(plan.Includes).ToList()
            : RowCatalog.Cases.Where(load => names.Contains(load.Id) || load.Rows.Any(row => names.Contains(row.Name))).ToList();
        return chosen.Count > 0 ? chosen : throw new UsageException(
            "--rows names none of the rows: " + string.Join(", ", RowCatalog.Cases.SelectMany(load => load.Rows).Select(row => row.Name).Distinct()));
    }

    /// <summary>Of one or two blocks the noise is too little known to excuse anything.</summary>
    static RowResult[] Rows(IReadOnlyList<CaseRuns> runs)
    {
        RowResult[] rows = [.. runs.SelectMany(run => run.Results())];
        return runs.Max(run => run.Blocks) >= FewestBlocks ? NoiseFloor.Apply(rows) : rows;
    }

    /// <summary>How far ours lies from ours: nothing within that is a difference.</summary>
    static string Noise(IReadOnlyList<RowResult> rows)
    {
        var noise = rows.Where(row => row.Row.StartsWith(NoiseFloor.Prefix, StringComparison.Ordinal) && row.Ratio is not null).Select(row =>
            string.Create(CultureInfo.InvariantCulture, $"{row.Row[NoiseFloor.Prefix.Length..]} {row.Ratio:0.00} ({row.Low:0.00} – {row.High:0.00})")).ToArray();
        return noise.Length == 0 ? "no noise floor was measured" : "noise floor, ours against ours: " + string.Join("; ", noise);
    }

    static void Write(string? folder, IReadOnlyList<string> machine, IReadOnlyList<CaseRuns> runs)
    {
        if (folder is null)
            return;
        var rows = Rows(runs);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "compare.csv"), CsvTable.Write(rows));
        File.WriteAllText(Path.Combine(folder, "compare.svg"), SvgPlot.Write(rows));
        File.WriteAllText(Path.Combine(folder, "compare.md"), MarkdownTable.Write([.. machine, Noise(rows)], rows));
    }
}
