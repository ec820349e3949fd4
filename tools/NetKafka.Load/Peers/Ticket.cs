using NetKafka.Load.Measuring;

namespace NetKafka.Load.Peers;

/// <summary>A message under way: when it was due, and who counts it.</summary>
sealed class Ticket(Meter meter, LatencyHistogram histogram)
{
    /// <summary>A timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long Intended { get; set; }

    public void Done()
    {
        histogram.RecordSince(Intended);
        meter.Add(1);
    }

    public void Failed(Exception error) => meter.Fail(error);
}
