using System.Threading.Channels;
using NetKafka.Internal.Runtime;

namespace NetKafka.Tests.Runtime;

/// <summary>A sink that keeps the events of a transport in their order.</summary>
sealed class EventLog : IEventSink
{
    readonly Channel<LoopEvent> _events = Channel.CreateUnbounded<LoopEvent>();

    public void Post(in LoopEvent item) => _events.Writer.TryWrite(item);

    public bool IsEmpty => _events.Reader.Count == 0;

    /// <summary>The next event, which must be of this kind.</summary>
    public async Task<LoopEvent> Next(LoopEventKind kind)
    {
        var next = await _events.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(kind, next.Kind);
        return next;
    }
}
