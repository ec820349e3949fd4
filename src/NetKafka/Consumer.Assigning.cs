using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming;

namespace NetKafka;

/// <summary>Partitions that are assigned by hand.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>
    /// Reads these partitions, and no others, from now on: from the group's committed offset if there is a group, else where
    /// <see cref="ConsumerOptions.AutoOffsetReset"/> says. What was finished of partitions that are left out is committed first.
    /// </summary>
    /// <param name="partitions">The partitions; none stops reading.</param>
    /// <param name="cancellation">Ends the wait; the partitions are assigned all the same.</param>
    /// <returns>Completes once they are assigned.</returns>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask AssignAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default) =>
        AssignAsync(partitions.Select(partition => new TopicPartitionOffset(partition, -1)), cancellation);

    /// <summary>
    /// As <see cref="AssignAsync(IEnumerable{TopicPartition}, CancellationToken)"/>, each from an offset of its own.
    /// </summary>
    /// <param name="starts">The partitions with the offsets to begin at; a negative offset stands for the committed one.</param>
    /// <param name="cancellation">Ends the wait; the partitions are assigned all the same.</param>
    /// <returns>Completes once they are assigned.</returns>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask AssignAsync(IEnumerable<TopicPartitionOffset> starts, CancellationToken cancellation = default)
    {
        var wanted = Starts(starts);
        return Run(cancellation, (call, _, _) => _machine.AssignFrom(wanted, call));
    }

    /// <summary>
    /// Reads these partitions too: from the group's committed offset if there is a group, else where
    /// <see cref="ConsumerOptions.AutoOffsetReset"/> says. Those that are assigned already go on as they were, with what was fetched of them.
    /// </summary>
    /// <param name="partitions">The partitions.</param>
    /// <param name="cancellation">Ends the wait; the partitions are assigned all the same.</param>
    /// <returns>Completes once they are assigned.</returns>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask IncrementalAssignAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default) =>
        IncrementalAssignAsync(partitions.Select(partition => new TopicPartitionOffset(partition, -1)), cancellation);

    /// <summary>
    /// As <see cref="IncrementalAssignAsync(IEnumerable{TopicPartition}, CancellationToken)"/>, each from an offset of its own.
    /// </summary>
    /// <param name="starts">The partitions with the offsets to begin at; a negative offset stands for the committed one.</param>
    /// <param name="cancellation">Ends the wait; the partitions are assigned all the same.</param>
    /// <returns>Completes once they are assigned.</returns>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask IncrementalAssignAsync(IEnumerable<TopicPartitionOffset> starts, CancellationToken cancellation = default)
    {
        var wanted = Starts(starts);
        return Run(cancellation, (call, _, _) => _machine.AssignMore(wanted, call));
    }

    /// <summary>
    /// Reads these partitions no longer, once the record or batch in hand is finished; what was finished is committed. The others go on as
    /// they were, with what was fetched of them.
    /// </summary>
    /// <param name="partitions">The partitions; those that are not assigned are left out.</param>
    /// <param name="cancellation">Ends the wait; the partitions are given up all the same.</param>
    /// <returns>
    /// Completes once they are given up. Awaited inside the reading loop while it has a record of one of them in hand, it waits for
    /// <see cref="ConsumerOptions.DefaultApiTimeout"/>: the record is finished with the next one only.
    /// </returns>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask IncrementalUnassignAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default)
    {
        RequireNoSubscription();
        TopicPartition[] wanted = [.. partitions];
        foreach (var partition in wanted)
            Check(partition);
        return Run(cancellation, (call, _, _) => _machine.Unassign(wanted, call));
    }

    /// <summary>
    /// Reads all partitions of these topics without the help of a group, and no others, from one place on: with
    /// <see cref="AutoOffsetReset.Latest"/> what is written from now on, as <c>tail</c> does. Partitions that are added to a topic later are
    /// read from their beginning, so that nothing in them is missed; they are noticed within <see cref="KafkaClientOptions.MetadataMaxAge"/>.
    /// </summary>
    /// <param name="topics">The topics.</param>
    /// <param name="from">The place; it goes before an offset that a group has committed.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes once the place is known in all partitions: what is written after that is read.</returns>
    /// <exception cref="ArgumentException">The place is <see cref="AutoOffsetReset.None"/>, or a topic has no name.</exception>
    /// <exception cref="KafkaException">A topic cannot be read, or its places cannot be found out.</exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async ValueTask AssignTopicsAsync(IEnumerable<string> topics, AutoOffsetReset from, CancellationToken cancellation = default)
    {
        RequireNoSubscription();
        SortedSet<string> wanted = new(topics, StringComparer.Ordinal);
        foreach (var topic in wanted)
            ArgumentException.ThrowIfNullOrEmpty(topic, nameof(topics));
        if (from.IsNone)
            throw new ArgumentException("None is no place to begin at: name Latest, Earliest, a duration or a time.", nameof(from));
        await _runtime.Enter();
        var partitions = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var topic in wanted)
            partitions[topic] = (await ViewOfAsync(topic, cancellation)).Topics[topic].Partitions.Length;
        var timestampMs = from.TimestampAt(_runtime.UnixMilliseconds);
        await Run(cancellation, (call, _, _) => _machine.AssignTopics(partitions, timestampMs, call));
        await AwaitAll(Assignment, (partition, call, effects) => _machine.WaitForPosition(partition, call, effects), cancellation);
    }

    /// <summary>Asks for the partitions of a topic.</summary>
    /// <param name="topic">The topic's name.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The partitions in order of their numbers, as far as brokers have told of them.</returns>
    /// <exception cref="KafkaException">The topic cannot be seen.</exception>
    /// <exception cref="KafkaTimeoutException">
    /// It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>, or there was no such topic for as long.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async ValueTask<IReadOnlyList<PartitionDescription>> GetPartitionsAsync(string topic, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        await _runtime.Enter();
        var view = await ViewOfAsync(topic, cancellation);
        return [.. view.Topics[topic].Partitions.Select(partition => partition.Describe(view))];
    }

    ValueTask<ClusterView> ViewOfAsync(string topic, CancellationToken cancellation) =>
        Ask<ClusterView>(cancellation, (call, _, _) => _machine.QueryTopic(topic, call));

    PartitionStart[] Starts(IEnumerable<TopicPartitionOffset> starts)
    {
        RequireNoSubscription();
        TopicPartitionOffset[] wanted = [.. starts];
        foreach (var start in wanted)
            Check(start.TopicPartition);
        return [.. wanted.Select(PartitionStart.At)];
    }

    void RequireNoSubscription()
    {
        if (_subscription is not null)
            throw new InvalidOperationException("The consumer subscribes to topics, so its group assigns the partitions. "
                + "Leave Topics and the patterns empty, or call UnsubscribeAsync, to assign them by hand.");
    }
}
