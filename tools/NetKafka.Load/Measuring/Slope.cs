using System.Diagnostics;

namespace NetKafka.Load.Measuring;

/// <summary>
/// What a message costs, from two points of one run: connecting, compiling and the first batches lie before the first
/// point, and cancel out.
/// </summary>
readonly record struct Slope(
    long Messages, double WallSeconds, double UserSeconds, double SystemSeconds, long AllocatedBytes, int Gen0, int Gen1, int Gen2, long RssBytes)
{
    public double CpuMicrosPerMessage => (UserSeconds + SystemSeconds) * 1e6 / Messages;

    public double WallMicrosPerMessage => WallSeconds * 1e6 / Messages;

    public double BytesPerMessage => (double)AllocatedBytes / Messages;

    /// <summary>The share of one core that the process keeps busy.</summary>
    public double CoreShare => (UserSeconds + SystemSeconds) / WallSeconds;

    public static Slope Between(Snapshot first, Snapshot second) => new(
        second.Delivered - first.Delivered,
        Stopwatch.GetElapsedTime(first.Timestamp, second.Timestamp).TotalSeconds,
        (second.User - first.User).TotalSeconds,
        (second.System - first.System).TotalSeconds,
        second.AllocatedBytes - first.AllocatedBytes,
        second.Gen0 - first.Gen0,
        second.Gen1 - first.Gen1,
        second.Gen2 - first.Gen2,
        second.RssBytes);
}
