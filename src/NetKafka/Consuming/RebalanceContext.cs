namespace NetKafka.Consuming;

/// <summary>
/// What a rebalance handler is told, and what it may do. It is valid until the handler's task has ended. Handlers run one at
/// a time, apart from the reading loop: while one runs, the loop may still be handling records of partitions that stay.
/// </summary>
public abstract class RebalanceContext
{
    private protected RebalanceContext(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellation)
    {
        Partitions = partitions;
        Cancellation = cancellation;
    }

    /// <summary>The partitions that the consumer has got, has to give up, or has lost; in order of topic and number.</summary>
    public IReadOnlyList<TopicPartition> Partitions { get; }

    /// <summary>
    /// Ends when the rebalance waits no longer for the handler (<see cref="ConsumerOptions.MaxPollInterval"/>), or the
    /// consumer closes.
    /// </summary>
    public CancellationToken Cancellation { get; }

    /// <summary>
    /// Where the application is: for each of <see cref="Partitions"/> the offset of the first record that it has not
    /// finished, without those whose place is not known yet.
    /// </summary>
    public abstract IReadOnlyList<TopicPartitionOffset> Positions { get; }

    /// <summary>Goes on reading from this place, in place of the committed one. Only while partitions are assigned.</summary>
    /// <param name="position">The place.</param>
    /// <returns>Completes once the place is set.</returns>
    /// <exception cref="KafkaException">The partition is not assigned, or is about to be given up.</exception>
    public abstract ValueTask SeekAsync(TopicPartitionOffset position);

    /// <summary>Goes on reading all of <see cref="Partitions"/> at the first records that are not older than a moment.</summary>
    /// <param name="time">The moment.</param>
    /// <returns>Completes once the places are known.</returns>
    /// <exception cref="KafkaException">A place could not be found out.</exception>
    public abstract ValueTask SeekToTimeAsync(DateTimeOffset time);

    /// <summary>Goes on reading all of <see cref="Partitions"/> at their oldest records.</summary>
    /// <returns>Completes once the places are known.</returns>
    /// <exception cref="KafkaException">A place could not be found out.</exception>
    public abstract ValueTask SeekToBeginningAsync();

    /// <summary>Goes on reading all of <see cref="Partitions"/> at their ends.</summary>
    /// <returns>Completes once the places are known.</returns>
    /// <exception cref="KafkaException">A place could not be found out.</exception>
    public abstract ValueTask SeekToEndAsync();

    /// <summary>Commits these offsets and waits for the answer. Not for partitions that are lost.</summary>
    /// <param name="offsets">For each partition, the offset of the record to be read next.</param>
    /// <returns>Completes when the coordinator has them.</returns>
    /// <exception cref="KafkaException">The coordinator refused them.</exception>
    public abstract ValueTask CommitAsync(IReadOnlyList<TopicPartitionOffset> offsets);
}
