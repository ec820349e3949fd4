using NetKafka.Internal.Cluster;
using NetKafka.Internal.Kernel;
using NetKafka.Internal.Producing;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Benchmarks.Producing;

/// <summary>
/// An accumulator whose sealed batches are taken away as soon as they are announced, on the thread that sealed them: so
/// appending goes on for ever, and nothing but appending and sealing is measured.
/// </summary>
sealed class DrainingHost : IProducerHost
{
    readonly BatchEndings _endings;

    public DrainingHost(int batchBytes)
    {
        var options = new ProducerOptions { BatchSize = batchBytes }.Validated(new KafkaClientOptions());
        Accumulator = new Accumulator(options, this, new SlabPool(64 * 1024 * 1024), new RandomSource(1));
        _endings = new BatchEndings(Accumulator, null, keepsOrder: true);
    }

    public Accumulator Accumulator { get; }

    public Instant Now => Instant.Start;

    /// <summary>Whether sealed batches stay where they are.</summary>
    public bool IsKeeping { get; set; }

    /// <summary>Makes a topic known.</summary>
    public PartitionQueue[] Learn(string name, int partitions)
    {
        var topic = Accumulator.GetTopic(name);
        topic.Learn(
            new TopicView(
                name, new Guid(name.Length, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), false,
                [.. Enumerable.Range(0, partitions).Select(index => new PartitionView(index, 1, 0, [1], [1], ErrorCode.None))],
                ErrorCode.None),
            new Dictionary<int, BrokerView>(), null, this);
        return topic.Partitions!.All;
    }

    public IPartitionSignal CreateSignal(PartitionQueue queue) => new Signal(this, queue);

    public void OnRoomMade()
    {
    }

    public void OnCallbackError(Exception error) => throw error;

    sealed class Signal(DrainingHost host, PartitionQueue queue) : IPartitionSignal
    {
        public void Raise()
        {
            if (host.IsKeeping)
                return;
            ProduceBatch? batch;
            lock (queue.Gate)
            {
                batch = queue.PeekSealed();
                if (batch is not null)
                    queue.Dequeue();
            }
            if (batch is not null)
                host._endings.Replaced(batch);
        }
    }
}
