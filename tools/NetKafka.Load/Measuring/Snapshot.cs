using System.Diagnostics;

namespace NetKafka.Load.Measuring;

/// <summary>What the process has used up to one moment.</summary>
readonly record struct Snapshot(
    long Timestamp, long Delivered, TimeSpan User, TimeSpan System, long AllocatedBytes, int Gen0, int Gen1, int Gen2, long RssBytes)
{
    public static Snapshot Take(Meter meter)
    {
        var cpu = Environment.CpuUsage;
        return new Snapshot(
            Stopwatch.GetTimestamp(), meter.Delivered, cpu.UserTime, cpu.PrivilegedTime, GC.GetTotalAllocatedBytes(),
            GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2), Environment.WorkingSet);
    }
}
