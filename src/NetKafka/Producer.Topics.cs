using NetKafka.Administration;
using NetKafka.Internal.Cluster;
using NetKafka.Producing;

namespace NetKafka;

/// <summary>What a producer can be asked about its topics, and told to throw away.</summary>
public sealed partial class Producer<TKey, TValue>
{
    /// <summary>
    /// The partitions of a topic, as this producer knows them; where it does not know the topic yet it asks, and the cluster may create it
    /// (<c>auto.create.topics.enable</c>).
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The partitions in order, at least one, as metadata told of them last.</returns>
    /// <exception cref="KafkaTimeoutException">The topic was not known within <see cref="ProducerOptions.MaxBlock"/>.</exception>
    /// <exception cref="KafkaAuthorizationException">The cluster does not tell of the topic.</exception>
    /// <exception cref="ProduceException">That is no name of a topic.</exception>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public async ValueTask<IReadOnlyList<PartitionDescription>> GetPartitionsAsync(string topic, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        await _runtime.Enter();
        var (known, cluster) = await _sender.LearnAsync(topic, cancellation);
        return [.. known.Partitions.Select(partition => partition.Describe(cluster))];
    }

    /// <summary>
    /// Throws away the records that were produced so far and not sent yet: each fails with a <see cref="ProduceException"/> that says that
    /// it was not written. What is in a request, or waits to be sent again after one, goes its way, since it may be written already; so no
    /// order is broken. A transaction that loses records so can only be aborted.
    /// </summary>
    /// <param name="cancellation">Ends the wait; the records are thrown away all the same.</param>
    /// <returns>Completes when all of them have their outcome.</returns>
    /// <exception cref="ObjectDisposedException">The producer was disposed.</exception>
    public async ValueTask PurgeAsync(CancellationToken cancellation = default)
    {
        await _runtime.Enter();
        await _sender.PurgeAsync(cancellation);
    }
}
