using NetKafka.Load.Compare;
using NetKafka.Load.Measuring;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Tests;

public sealed class CaseRunsTests
{
    static readonly string[] Peers = ["confluent", "dekaf"];

    [Fact]
    public void Bound_against_the_best_stands_at_the_best_alone()
    {
        var runs = Case(new RowSpec("1b", Metric.Cpu, RowSpec.Best, Must: 1));
        runs.Add(Block(ours: 1, confluent: 3, dekaf: 2));

        var results = runs.Results().ToArray();

        Assert.Equal([null, 1.0], results.Select(result => result.Must));
        Assert.Equal([3.0, 2.0], results.Select(result => Math.Round(result.Ratio!.Value, 9)));
    }

    [Fact]
    public void Best_is_taken_among_those_that_a_row_names()
    {
        var runs = Case(new RowSpec("1b", Metric.Cpu, RowSpec.Best, Must: 1) { Among = ["confluent"] });
        runs.Add(Block(ours: 1, confluent: 3, dekaf: 2));

        var result = runs.Results().Single();

        Assert.Equal(("confluent", 1.0), (result.Peer, result.Must));
    }

    [Fact]
    public void Ratio_is_the_median_of_blocks_with_the_lowest_and_the_highest()
    {
        var runs = Case(new RowSpec("1", Metric.Cpu, "confluent", 2, 4));
        foreach (var theirs in new[] { 5.0, 1.0, 3.0 })
            runs.Add(Block(ours: 1, theirs, dekaf: 1));

        var result = runs.Results().Single();

        Assert.Equal((3, 1, 5), (Math.Round(result.Ratio!.Value, 9), Math.Round(result.Low!.Value, 9), Math.Round(result.High!.Value, 9)));
        Assert.Equal("must", result.Verdict);
    }

    [Fact]
    public void Peer_that_cannot_be_had_leaves_a_line_that_says_why()
    {
        var runs = new CaseRuns(
            new LoadCase("x", new LoadSettings(), Peers, [new RowSpec("5", Metric.Cpu, "dekaf", 1)]), ["netkafka"],
            peer => peer == "dekaf" ? "not here" : null);

        var result = runs.Results().Single();

        Assert.Null(result.Ratio);
        Assert.Equal("not here", result.Verdict);
    }

    [Fact]
    public void Row_about_another_of_our_clients_has_its_figures()
    {
        var runs = new CaseRuns(NativeCase(), ["netkafka", "confluent", "netkafka-aot"], _ => null);
        runs.Add(new()
        {
            ["netkafka"] = [new RunReport { Client = "netkafka", StartMillis = 200 }],
            ["confluent"] = [new RunReport { Client = "confluent", StartMillis = 160 }],
            ["netkafka-aot"] = [new RunReport { Client = "netkafka-aot", StartMillis = 40, ProgramMiB = 5 }],
        });

        var results = runs.Results().ToArray();

        Assert.Equal([(40.0, 160.0, 4.0), (40.0, 200.0, 5.0), (5.0, 8.0, 1.6)], results.Select(
            result => (result.Ours!.Value, result.Theirs!.Value, Math.Round(result.Ratio!.Value, 9))));
    }

    [Fact]
    public void Another_of_our_clients_that_cannot_be_had_says_why_in_each_of_its_rows()
    {
        var runs = new CaseRuns(NativeCase(), ["netkafka", "confluent"], client => client == "netkafka-aot" ? "no linker" : null);
        runs.Add(Block(ours: 1, confluent: 3, dekaf: 2));

        Assert.Equal(["no linker", "no linker", "no linker"], runs.Results().Select(result => result.Verdict));
    }

    [Fact]
    public void Run_that_failed_is_no_figure()
    {
        var runs = Case(new RowSpec("1", Metric.Cpu, "confluent", 2));
        var block = Block(ours: 1, confluent: 3, dekaf: 1);
        block["confluent"].Add(new RunReport { Client = "confluent", CpuMicros = 1000, Error = "it broke" });
        runs.Add(block);

        Assert.Equal(3, runs.Results().Single().Ratio!.Value, 9);
    }

    [Fact]
    public void Nobody_is_better_than_no_garbage()
    {
        var runs = Case(new RowSpec("9", Metric.Garbage, "dekaf", 1));
        runs.Add(new()
        {
            ["netkafka"] = [new RunReport { Client = "netkafka", BytesPerMessage = 0.4 }],
            ["dekaf"] = [new RunReport { Client = "dekaf", BytesPerMessage = 0.001 }],
        });

        Assert.Equal(1, runs.Results().Single().Ratio!.Value, 9);
    }

    [Theory]
    [InlineData(0.95, "missed within noise")]
    [InlineData(0.85, "MISSED")]
    [InlineData(1.05, "must")]
    public void Miss_counts_only_beyond_what_ours_differs_from_ours(double ratio, string verdict)
    {
        var row = new RowResult("3", "librdkafka", "µs CPU/msg", 1, ratio, ratio, ratio, ratio, 1, 2);
        var noise = row with { Row = NoiseFloor.Prefix + "fire-100", Peer = "self", Ratio = 1.1, Must = null, Aim = null };

        Assert.Equal(verdict, NoiseFloor.Apply([row, noise])[0].Verdict);
    }

    static LoadCase NativeCase() => new("x", new LoadSettings(), ["confluent", "netkafka-aot"],
    [
        new("18-aot", Metric.Start, "confluent") { Ours = "netkafka-aot" },
        new("18-aot", Metric.Start, "netkafka") { Ours = "netkafka-aot" },
        new("18-aot-size", Metric.ProgramSize, "limit") { Ours = "netkafka-aot", Limit = 8 },
    ]);

    static CaseRuns Case(RowSpec row) =>
        new(new LoadCase("x", new LoadSettings(), Peers, [row]), ["netkafka", .. Peers], _ => null);

    static Dictionary<string, List<RunReport>> Block(double ours, double confluent, double dekaf) => new()
    {
        ["netkafka"] = [Report("netkafka", ours)],
        ["confluent"] = [Report("confluent", confluent)],
        ["dekaf"] = [Report("dekaf", dekaf)],
    };

    static RunReport Report(string client, double cpuMicros) => new() { Client = client, CpuMicros = cpuMicros };
}
