using System.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka.TransportSpike;

/// <summary>
/// Keeps a number of requests under way: each answer sends the next from inside the turn, as a producer with full batches
/// does. Notes processor time and wall time once the first half is answered and once all is.
/// </summary>
sealed class Pump(ICluster cluster, int bodyBytes, int window, int requests) : LoopCall, IClusterListener
{
    public const string Topic = "spike";

    readonly ArraySegment<byte> _body = new byte[bodyBytes];
    readonly ManualResetEventSlim _done = new();
    readonly long[] _ticks = new long[requests];
    long _sentAt;
    int _sent;
    int _answered;
    (TimeSpan Cpu, long Ticks) _half;
    (TimeSpan Cpu, long Ticks) _end;

    public double CpuMicroseconds => (_end.Cpu - _half.Cpu).TotalMicroseconds / (requests - requests / 2);

    public double PerSecond => (requests - requests / 2) / Stopwatch.GetElapsedTime(_half.Ticks, _end.Ticks).TotalSeconds;

    /// <summary>Round trips of the second half in microseconds, where one request is under way at a time.</summary>
    public IEnumerable<double> RoundTrips => _ticks.Skip(requests / 2).Select(ticks => ticks * 1e6 / Stopwatch.Frequency);

    public void Wait() => _done.Wait();

    public override void Run(Instant now, Effects effects)
    {
        cluster.Subscribe(this);
        cluster.Watch(Topic);
    }

    public void OnClusterChanged(ClusterView view)
    {
        cluster.Unsubscribe(this);
        for (var i = 0; i < window; i++)
            Send();
    }

    void Send()
    {
        if (_sent == requests)
            return;
        _sent++;
        _sentAt = Stopwatch.GetTimestamp();
        cluster.Send(new LoadRequest(_body, OnAnswer), RequestTarget.Broker(1), LaneKey.Produce);
    }

    void OnAnswer()
    {
        _ticks[_answered++] = Stopwatch.GetTimestamp() - _sentAt;
        if (_answered == requests / 2)
            _half = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        if (_answered == requests)
        {
            _end = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
            _done.Set();
        }
        Send();
    }
}
