using NetKafka.Consuming;
using NetKafka.Internal.Consuming;
using NetKafka.Internal.Consuming.Offsets;
using NetKafka.Internal.Kernel;

namespace NetKafka;

/// <summary>Positions: set, committed, asked for.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>Goes on reading a partition at an offset. What was fetched of it before is not handed out any more.</summary>
    /// <param name="position">The partition and the offset of the record to be read next.</param>
    /// <param name="cancellation">Ends the wait; the position is set all the same.</param>
    /// <returns>Completes once it is in force.</returns>
    /// <exception cref="KafkaException">The partition is not assigned.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public ValueTask SeekAsync(TopicPartitionOffset position, CancellationToken cancellation = default)
    {
        Check(position.TopicPartition);
        ArgumentOutOfRangeException.ThrowIfNegative(position.Offset, nameof(position));
        return Run(cancellation, (call, _, effects) => _machine.Seek(position, call, effects));
    }

    /// <summary>Goes on at the oldest records that the log holds.</summary>
    /// <param name="partitions">
    /// The partitions; null for all that are assigned, for which the first assignment is waited for.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes once the positions are known.</returns>
    /// <exception cref="KafkaException">A partition is not assigned, or its position cannot be found out.</exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    public ValueTask SeekToBeginningAsync(IEnumerable<TopicPartition>? partitions = null, CancellationToken cancellation = default) =>
        SeekToAsync(partitions, AssignedPartition.LookupEarliest, cancellation);

    /// <summary>
    /// Goes on at the end: with what is written from now on. Under read-committed, behind the last transaction that has
    /// ended.
    /// </summary>
    /// <param name="partitions">
    /// The partitions; null for all that are assigned, for which the first assignment is waited for.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes once the positions are known.</returns>
    /// <exception cref="KafkaException">A partition is not assigned, or its position cannot be found out.</exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    public ValueTask SeekToEndAsync(IEnumerable<TopicPartition>? partitions = null, CancellationToken cancellation = default) =>
        SeekToAsync(partitions, AssignedPartition.LookupLatest, cancellation);

    /// <summary>
    /// Goes on at the first records whose timestamps are not before a moment; where there is none, at the end.
    /// </summary>
    /// <param name="time">The moment, to the millisecond; before 1970 counts as 1970.</param>
    /// <param name="partitions">
    /// The partitions; null for all that are assigned, for which the first assignment is waited for.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Completes once the positions are known.</returns>
    /// <exception cref="KafkaException">A partition is not assigned, or its position cannot be found out.</exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    public ValueTask SeekToTimeAsync(DateTimeOffset time, IEnumerable<TopicPartition>? partitions = null, CancellationToken cancellation = default) =>
        SeekToAsync(partitions, UnixMilliseconds(time), cancellation);

    /// <summary>Goes on behind a record that could not be read (KIP-334).</summary>
    /// <param name="error">What reading threw.</param>
    /// <param name="cancellation">Ends the wait; the position is set all the same.</param>
    /// <returns>Completes once it is in force.</returns>
    /// <exception cref="ArgumentException">The exception is not from reading a record.</exception>
    public ValueTask SkipAsync(KafkaSerializationException error, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error is { Partition: { } partition, Offset: >= 0 }
            ? SeekAsync(new TopicPartitionOffset(partition, error.Offset + 1), cancellation)
            : throw new ArgumentException("The exception names no record that was read.", nameof(error));
    }

    /// <summary>
    /// Under which membership of its group this consumer reads partitions at this moment, for
    /// <see cref="Producer{TKey, TValue}.SendOffsetsToTransactionAsync"/>. To be asked for after the records were worked on: brokers
    /// refuse it once the group has gone on, and this call fails where a partition is not this consumer's any more (KIP-447).
    /// </summary>
    /// <param name="partitions">The partitions whose offsets are to be sent.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The group, the member and its generation; of partitions assigned by hand the group alone.</returns>
    /// <exception cref="KafkaException">A partition is not assigned, or this consumer is no member of the group at present.</exception>
    /// <exception cref="InvalidOperationException">There is no group.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async ValueTask<ConsumerGroupMetadata> GetGroupMetadataAsync(
        IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default)
    {
        RequireGroup();
        TopicPartition[] wanted = [.. partitions];
        return await Ask<ConsumerGroupMetadata>(cancellation, (call, _, effects) => _machine.DescribeMembership(wanted, call, effects));
    }

    /// <summary>Commits what is finished of all assigned partitions, and waits for the answer.</summary>
    /// <param name="cancellation">Ends the wait; the offsets may be committed all the same.</param>
    /// <returns>Completes when the coordinator has them.</returns>
    /// <exception cref="KafkaException">
    /// The coordinator refused them, or this consumer is no member of the group at present.
    /// </exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">There is no group.</exception>
    public ValueTask CommitAsync(CancellationToken cancellation = default)
    {
        RequireGroup();
        return Run(cancellation, (call, _, effects) => _machine.CommitFinished(call, effects));
    }

    /// <summary>
    /// Commits these offsets, and waits for the answer. Commits are sent in the order of the calls; what fails for a passing
    /// reason is tried again in its turn.
    /// </summary>
    /// <param name="offsets">
    /// For each partition the offset of the record to be read next, such as <see cref="ConsumerRecord{TKey, TValue}.Next"/>.
    /// </param>
    /// <param name="cancellation">Ends the wait; the offsets may be committed all the same.</param>
    /// <returns>Completes when the coordinator has them.</returns>
    /// <exception cref="KafkaException">
    /// A partition is not assigned, or not any more (nothing is committed then, since it would rewind the new owner), or the
    /// coordinator refused.
    /// </exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">There is no group.</exception>
    public ValueTask CommitAsync(IEnumerable<TopicPartitionOffset> offsets, CancellationToken cancellation = default)
    {
        RequireGroup();
        TopicPartitionOffset[] wanted = [.. offsets];
        foreach (var offset in wanted)
        {
            Check(offset.TopicPartition);
            ArgumentOutOfRangeException.ThrowIfNegative(offset.Offset, nameof(offsets));
        }
        return Run(cancellation, (call, _, effects) => _machine.Commit(wanted, call, effects));
    }

    /// <summary>As <see cref="CommitAsync(IEnumerable{TopicPartitionOffset}, CancellationToken)"/>, for one partition.</summary>
    /// <param name="offset">The partition and the offset of the record to be read next.</param>
    /// <param name="cancellation">Ends the wait; the offset may be committed all the same.</param>
    /// <returns>Completes when the coordinator has it.</returns>
    public ValueTask CommitAsync(TopicPartitionOffset offset, CancellationToken cancellation = default) =>
        CommitAsync([offset], cancellation);

    /// <summary>Asks for the group's committed offsets.</summary>
    /// <param name="partitions">The partitions, assigned or not.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The offsets, without partitions that have none, in order of topic and number.</returns>
    /// <exception cref="KafkaException">The coordinator refused.</exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">There is no group.</exception>
    public ValueTask<IReadOnlyList<TopicPartitionOffset>> CommittedAsync(
        IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default)
    {
        RequireGroup();
        TopicPartition[] wanted = [.. partitions];
        return Ask<IReadOnlyList<TopicPartitionOffset>>(cancellation, (call, _, _) => _machine.QueryCommitted(wanted, call));
    }

    /// <summary>Asks for the first records that are not older than a moment, without moving there.</summary>
    /// <param name="partitions">The partitions, assigned or not.</param>
    /// <param name="time">The moment, to the millisecond.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>One result for each partition, in order of topic and number.</returns>
    /// <exception cref="KafkaException">A broker refused.</exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    public ValueTask<IReadOnlyList<TopicPartitionTime>> OffsetsForTimesAsync(
        IEnumerable<TopicPartition> partitions, DateTimeOffset time, CancellationToken cancellation = default) =>
        QueryAsync(partitions, UnixMilliseconds(time), cancellation);

    /// <summary>Asks for the oldest offsets that logs hold.</summary>
    /// <param name="partitions">The partitions, assigned or not.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>One result for each partition, in order of topic and number.</returns>
    /// <exception cref="KafkaException">A broker refused.</exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    public ValueTask<IReadOnlyList<TopicPartitionOffset>> BeginningOffsetsAsync(
        IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default) =>
        EdgesAsync(partitions, AssignedPartition.LookupEarliest, cancellation);

    /// <summary>
    /// Asks for the ends of logs: the offsets of the next records. Under read-committed, the last stable offsets.
    /// </summary>
    /// <param name="partitions">The partitions, assigned or not.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>One result for each partition, in order of topic and number.</returns>
    /// <exception cref="KafkaException">A broker refused.</exception>
    /// <exception cref="KafkaTimeoutException">It took longer than <see cref="ConsumerOptions.DefaultApiTimeout"/>.</exception>
    public ValueTask<IReadOnlyList<TopicPartitionOffset>> EndOffsetsAsync(
        IEnumerable<TopicPartition> partitions, CancellationToken cancellation = default) =>
        EdgesAsync(partitions, AssignedPartition.LookupLatest, cancellation);

    async ValueTask SeekToAsync(IEnumerable<TopicPartition>? partitions, long timestampMs, CancellationToken cancellation)
    {
        var wanted = partitions?.ToArray();
        await _runtime.Enter();
        if (wanted is null)
        {
            await Run(cancellation, (call, now, _) => _machine.WaitForAssignment(call, now));
            wanted = [.. Assignment];
        }
        foreach (var partition in wanted)
            Check(partition);
        await AwaitAll(wanted, (partition, call, effects) => _machine.Seek(partition, timestampMs, call, effects), cancellation);
    }

    /// <summary>Asks for something of each partition at once; the first error is thrown when all have ended.</summary>
    async ValueTask AwaitAll(IReadOnlyList<TopicPartition> partitions, Action<TopicPartition, Call<bool>, Effects> start, CancellationToken cancellation)
    {
        var calls = new ValueTask<bool>[partitions.Count];
        for (var i = 0; i < calls.Length; i++)
        {
            var partition = partitions[i];
            calls[i] = Ask<bool>(cancellation, (call, _, effects) => start(partition, call, effects));
        }
        Exception? failure = null;
        foreach (var call in calls)
        {
            try
            {
                await call;
            }
            catch (Exception error)
            {
                failure ??= error;
            }
        }
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    ValueTask<IReadOnlyList<TopicPartitionTime>> QueryAsync(IEnumerable<TopicPartition> partitions, long timestampMs, CancellationToken cancellation)
    {
        (TopicPartition Partition, long TimestampMs)[] wanted = [.. partitions.Select(partition => (partition, timestampMs))];
        foreach (var (partition, _) in wanted)
            Check(partition);
        return Ask<IReadOnlyList<TopicPartitionTime>>(
            cancellation, (call, _, _) => _machine.Query(new OffsetQuery(wanted, _options.IsolationLevel, call)));
    }

    async ValueTask<IReadOnlyList<TopicPartitionOffset>> EdgesAsync(IEnumerable<TopicPartition> partitions, long timestampMs, CancellationToken cancellation)
    {
        await _runtime.Enter();
        var found = await QueryAsync(partitions, timestampMs, cancellation);
        return [.. found.Select(edge => new TopicPartitionOffset(edge.TopicPartition, edge.Offset))];
    }

    void RequireGroup()
    {
        if (_options.GroupId is null)
            throw new InvalidOperationException("There is no group to commit in or to ask for commits: set GroupId.");
    }

    static long UnixMilliseconds(DateTimeOffset time) => Math.Max(0, time.ToUnixTimeMilliseconds());
}
