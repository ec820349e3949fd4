using System.Collections.Concurrent;
using System.Threading.Channels;
using NetKafka.Internal.Runtime;

namespace NetKafka.Tests.Runtime;

/// <summary>A sink that keeps the events of a transport in their order.</summary>
sealed class EventLog : IEventSink
{
    readonly Channel<LoopEvent> _events = Channel.CreateUnbounded<LoopEvent>();

    /// <summary>What runs on the thread of each event, once the event is in the log.</summary>
    public Action<LoopEvent>? OnPost { get; set; }

    /// <summary>The lenders that want their threads back.</summary>
    public ConcurrentQueue<IThreadLender> Watched { get; } = new();

    public void Post(in LoopEvent item)
    {
        _events.Writer.TryWrite(item);
        OnPost?.Invoke(item);
    }

    public void Watch(IThreadLender lender) => Watched.Enqueue(lender);

    public bool IsEmpty => _events.Reader.Count == 0;

    /// <summary>The next event, which must be of this kind.</summary>
    public async Task<LoopEvent> Next(LoopEventKind kind)
    {
        var next = await _events.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(kind, next.Kind);
        return next;
    }
}
