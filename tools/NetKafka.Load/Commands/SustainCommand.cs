using System.Diagnostics;
using System.Globalization;
using NetKafka.Load.Broker;
using NetKafka.Load.Compare;
using NetKafka.Load.Measuring;
using NetKafka.Load.Peers;
using NetKafka.Load.Rows;

namespace NetKafka.Load.Commands;

/// <summary><c>sustain</c>: our producer at full speed for minutes, with a look at its memory each minute.</summary>
static class SustainCommand
{
    public const string Usage =
        """
        sustain [--minutes 10] [--pause-every 60 --pause-for 10] [--check] [--value-bytes 100] [--batch-bytes 262144]
            Our producer against a null broker in a process of its own, which may stand still at intervals. Ends with 1 if
            memory grew by more than 5 % (with pauses: by more than the buffer), older generations were collected (without
            pauses), or a message was lost. --check verifies every batch.
        """;

    const string Trim = "MALLOC_TRIM_THRESHOLD_";

    static readonly TimeSpan Start = TimeSpan.FromSeconds(10);

    public static Task<int> RunAsync(CommandLine line) =>
        Environment.GetEnvironmentVariable(Trim) is null ? RunTrimmedAsync() : LoadAsync(line);

    /// <summary>
    /// This program again, with an allocator that gives back what the compiler frees. Code that becomes hot is compiled anew in
    /// any minute; the megabytes that the C library would keep of it would be taken for the client's.
    /// </summary>
    static async Task<int> RunTrimmedAsync()
    {
        var start = new ProcessStartInfo(ChildRun.Self.File, [.. ChildRun.Self.Words, .. Environment.GetCommandLineArgs().Skip(1)]);
        start.Environment[Trim] = "131072";
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    static async Task<int> LoadAsync(CommandLine line)
    {
        var minutes = line.Number("minutes", 10);
        var isPausing = line.Text("pause-every", "0") != "0";
        using var broker = await BrokerProcess.StartAsync(
            core: null,
            [
                "--pause-every", line.Text("pause-every", "0"), "--pause-for", line.Text("pause-for", "0"),
                // It fills the broker's window once, and with it what the pool of buffers keeps: the machine's own pauses would do so in any minute.
                "--first-pause", isPausing ? "0" : "1",
                .. line.Has("check") ? (string[])["--check"] : [],
            ]);
        var settings = LoadSettings.Parse(line) with { Bootstrap = broker.Bootstrap, Kind = LoadKind.Fire };
        var meter = new Meter();
        var load = new NetKafkaPeer().FireAsync(settings, meter);
        var seen = new List<Minute>();
        Console.WriteLine("minute  delivered/s     RSS MiB  gen0  gen1  gen2  longest wait of the caller");
        var (collections, begin) = (Collections(), Stopwatch.GetTimestamp());
        await Task.WhenAny(load, Task.Delay(Start));
        // Told as the minutes are, so that none of them has the cost of the first line.
        var rest = Look("start", meter, 0, begin, collections).RssBytes;
        collections = Collections();
        for (var minute = 1; minute <= minutes && !meter.IsDone; minute++)
        {
            var (before, began) = (meter.Delivered, Stopwatch.GetTimestamp());
            meter.TakeLongestWait();
            await Task.WhenAny(load, Task.Delay(TimeSpan.FromMinutes(1)));
            seen.Add(Look(minute.ToString(CultureInfo.InvariantCulture), meter, before, began, collections));
        }
        meter.End();
        await load;
        var growth = isPausing ? settings.BufferBytes : 0;
        var totals = TotalsRequest.TryAsk(broker.Bootstrap) ?? default;
        var problems = SustainedVerdict.Problems(seen, meter.Accepted - totals.ProduceRecords, totals.Faults, growth, rest);
        return Judge(problems, growth > 0 ? "memory stayed within the buffer" : "memory stayed, no older generation was collected", meter, totals, settings);
    }

    /// <summary>A line of what has been since a moment.</summary>
    static Minute Look(string label, Meter meter, long before, long began, (int Gen0, int Gen1, int Gen2) collections)
    {
        var (gen0, gen1, gen2) = Collections();
        var now = new Minute(
            meter.Delivered - before, Environment.WorkingSet, gen0 - collections.Gen0, gen1 - collections.Gen1,
            gen2 - collections.Gen2, meter.TakeLongestWait());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{label,6}  {now.Delivered / Stopwatch.GetElapsedTime(began).TotalSeconds,11:0}  {now.RssBytes / 1048576.0,10:0.0}  {now.Gen0,4}  {now.Gen1,4}  {now.Gen2,4}  {now.LongestWait.TotalMilliseconds,8:0} ms"));
        return now;
    }

    static int Judge(IReadOnlyList<string> problems, string praise, Meter meter, BrokerTotals totals, LoadSettings settings)
    {
        Console.WriteLine($"taken {meter.Accepted}, delivered {meter.Delivered}, counted {totals.ProduceRecords}, lost {meter.Accepted - totals.ProduceRecords}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"peak RSS {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:0.0} MiB with a buffer of {settings.BufferBytes / 1048576} MiB"));
        if (meter.Error is not null)
            Console.WriteLine($"failed: {meter.Error.Message}");
        foreach (var problem in problems)
            Console.WriteLine("wrong: " + problem);
        var isGood = problems.Count == 0 && meter.Error is null;
        Console.WriteLine(isGood ? $"good: {praise}, nothing was lost" : "NOT good");
        return isGood ? 0 : 1;
    }

    static (int Gen0, int Gen1, int Gen2) Collections() => (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));
}
