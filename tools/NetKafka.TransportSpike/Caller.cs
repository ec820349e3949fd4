using System.Diagnostics;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Runtime;

namespace NetKafka.TransportSpike;

/// <summary>An application that awaits one call after the other: loop, wire, loop, dispatcher, continuation.</summary>
sealed class Caller(ClientRuntime runtime, int bodyBytes) : Machine
{
    readonly ArraySegment<byte> _body = new byte[bodyBytes];
    readonly Queue<PendingCall<bool>> _answered = new();

    public async Task<List<double>> RunAsync(int calls)
    {
        runtime.Machines.Add(this);
        var microseconds = new List<double>(calls);
        for (var i = 0; i < calls; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var call = runtime.CreateCall<bool>(TimeSpan.FromSeconds(30), CancellationToken.None);
            runtime.Post(new Ask(this, call));
            await call.Task;
            microseconds.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }
        return microseconds;
    }

    public override Instant Poll(Instant now, Effects effects)
    {
        while (_answered.TryDequeue(out var call))
            call.Succeed(true, effects);
        return Instant.Never;
    }

    sealed class Ask(Caller caller, PendingCall<bool> call) : LoopCall
    {
        public override void Run(Instant now, Effects effects) =>
            caller.Send(call);
    }

    void Send(PendingCall<bool> call) =>
        runtime.Cluster.Send(
            new LoadRequest(_body, () =>
            {
                _answered.Enqueue(call);
                Wake();
            }),
            RequestTarget.Broker(1), LaneKey.Produce);
}
