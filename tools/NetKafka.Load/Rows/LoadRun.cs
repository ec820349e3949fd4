using System.Diagnostics;
using NetKafka.Load.Broker;
using NetKafka.Load.Measuring;
using NetKafka.Load.Peers;

namespace NetKafka.Load.Rows;

/// <summary>One run of one client in this process, from its settings to its report.</summary>
static class LoadRun
{
    public static async Task<RunReport> RunAsync(IPeer peer, LoadSettings settings)
    {
        var before = TotalsBefore(settings);
        var meter = new Meter();
        var histogram = new LatencyHistogram();
        var report = new RunReport
        {
            Client = peer.Name,
            Version = peer.Version,
            Kind = settings.Kind.ToString(),
            Config = string.Join(' ', settings.ToArguments()),
        };
        try
        {
            var slope = await MeasureAsync(peer, settings, meter, histogram);
            report = WithSlope(report, slope);
            report = histogram.Count == 0 ? report : WithLatencies(report, histogram);
        }
        catch (Exception error)
        {
            meter.Fail(error);
        }
        return WithTotals(report, settings, meter, before) with { Error = meter.Error?.ToString() };
    }

    static async Task<Slope> MeasureAsync(IPeer peer, LoadSettings settings, Meter meter, LatencyHistogram histogram)
    {
        switch (settings.Kind)
        {
            case LoadKind.Fire:
                return await SampleAsync(meter, settings, peer.FireAsync(settings, meter));
            case LoadKind.Await:
                return await SampleAsync(meter, settings, peer.AwaitAsync(settings, meter));
            case LoadKind.Transact:
                return await SampleAsync(meter, settings, peer.TransactAsync(settings, meter));
            case LoadKind.Consume:
                return await SampleAsync(meter, settings, peer.ConsumeAsync(settings, meter));
            case LoadKind.RoundTrip:
                return await SampleAsync(meter, settings, TimedLoops.RoundTripsAsync(peer, settings, meter, histogram), histogram);
            case LoadKind.OpenLoop:
                return await SampleAsync(meter, settings, TimedLoops.OpenLoopAsync(peer, settings, meter, histogram), histogram);
            case LoadKind.Paced:
                return await SampleAsync(meter, settings, TimedLoops.PacedAsync(peer, settings, meter, histogram), histogram);
            case LoadKind.EndToEnd:
                return await SampleAsync(meter, settings, EndToEndLoop.RunAsync(peer, settings, meter, histogram), histogram);
            case LoadKind.Start:
            case LoadKind.Idle:
                return await RestAsync(peer, settings, meter);
            default:
                return await RestAsync(null, settings, meter);
        }
    }

    /// <summary>Lets a load run while a thread of its own takes the two points.</summary>
    static async Task<Slope> SampleAsync(Meter meter, LoadSettings settings, Task load, LatencyHistogram? histogram = null)
    {
        _ = load.ContinueWith(task => meter.Fail(task.Exception!.InnerException!), TaskContinuationOptions.OnlyOnFaulted);
        var sampling = Task.Factory.StartNew(
            () => Sampler.Run(meter, settings.Messages, settings.Warm, settings.Window, histogram), TaskCreationOptions.LongRunning);
        var slope = await sampling;
        await load.WaitAsync(TimeSpan.FromMinutes(2));
        return slope;
    }

    /// <summary>Sends one message, says so, and rests for the length of the window.</summary>
    static async Task<Slope> RestAsync(IPeer? peer, LoadSettings settings, Meter meter)
    {
        await using var sender = peer is null ? null : await peer.OpenSenderAsync(settings);
        if (sender is not null)
            await sender.SendAsync(Payloads.For(settings.ValueBytes, settings.Codec)[0]);
        meter.Add(1);
        meter.Accept(1);
        // Whoever started this process waits for the line to stop his watch.
        Console.WriteLine("first");
        if (settings.Kind == LoadKind.Start)
            return new Slope(1, 1, 0, 0, 0, 0, 0, 0, Environment.WorkingSet);
        await Task.Delay(settings.Warm);
        var first = Snapshot.Take(meter);
        await Task.Delay(settings.Window);
        return Slope.Between(first, Snapshot.Take(meter) with { Delivered = first.Delivered + 1 });
    }

    static BrokerTotals? TotalsBefore(LoadSettings settings) =>
        settings.IsCounted && settings.Kind != LoadKind.Bare ? TotalsRequest.TryAsk(settings.Bootstrap) : null;

    static RunReport WithSlope(RunReport report, Slope slope)
    {
        using var process = Process.GetCurrentProcess();
        return report with
        {
            Messages = slope.Messages,
            WallSeconds = slope.WallSeconds,
            UserSeconds = slope.UserSeconds,
            SystemSeconds = slope.SystemSeconds,
            CpuMicros = slope.CpuMicrosPerMessage,
            WallMicros = slope.WallMicrosPerMessage,
            CorePercent = 100 * slope.CoreShare,
            BytesPerMessage = slope.BytesPerMessage,
            Gen0 = slope.Gen0,
            Gen1 = slope.Gen1,
            Gen2 = slope.Gen2,
            RssMiB = slope.RssBytes / 1048576.0,
            PeakRssMiB = process.PeakWorkingSet64 / 1048576.0,
        };
    }

    static RunReport WithLatencies(RunReport report, LatencyHistogram histogram) => report with
    {
        P50Micros = histogram.Percentile(0.5),
        P99Micros = histogram.Percentile(0.99),
        P999Micros = histogram.Percentile(0.999),
        MaxMicros = histogram.MaxMicros,
    };

    static RunReport WithTotals(RunReport report, LoadSettings settings, Meter meter, BrokerTotals? before)
    {
        report = report with { Accepted = meter.Accepted, Delivered = meter.Delivered };
        if (before is not { } start || TotalsRequest.TryAsk(settings.Bootstrap) is not { } end)
            return report;
        var totals = end - start;
        var isConsuming = settings.Kind == LoadKind.Consume;
        var counted = isConsuming ? totals.FetchedRecords : totals.ProduceRecords;
        if (!isConsuming && counted < meter.Delivered)
            meter.Fail(new InvalidDataException($"{meter.Delivered} deliveries were told, but the broker counted {counted} records."));
        var requests = isConsuming ? totals.Fetches : totals.ProduceRequests;
        return report with
        {
            Counted = counted,
            Faults = totals.Faults,
            RecordsPerRequest = requests == 0 ? null : (double)counted / requests,
        };
    }
}
