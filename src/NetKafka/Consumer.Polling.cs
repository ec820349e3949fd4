using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Kernel;

namespace NetKafka;

/// <summary>Many records at a time, up to a limit.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    PollReader<TKey, TValue>? _polls;

    /// <summary>
    /// Returns what was fetched and not read yet, up to a limit; waits where nothing was. Records of a partition come in order, and go on
    /// where the last call, or a loop, has left it. They are finished with the next call that asks for records, or by
    /// <see cref="MarkFinished()"/>, and only then committed by themselves. Keys, values and headers that are views live until then.
    /// <para>
    /// Reading in a loop (<see cref="ReadAllAsync"/>, <see cref="ReadBatchesAsync"/>) is the faster way; this one is for who works on many
    /// records together, as with one insert into a database.
    /// </para>
    /// </summary>
    /// <param name="timeout">
    /// How long to wait for the first record; <see cref="TimeSpan.Zero"/> for not at all, <see cref="Timeout.InfiniteTimeSpan"/> without an end.
    /// </param>
    /// <param name="maxRecords">How many records, at most; null for <see cref="ConsumerOptions.MaxPollRecords"/>.</param>
    /// <param name="cancellation">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The records; none where the timeout has passed.</returns>
    /// <exception cref="KafkaSerializationException">
    /// The next record cannot be read, and <see cref="ConsumerOptions.OnUnreadableRecord"/> did not decide otherwise; what lies before it was
    /// returned before. <see cref="SkipAsync"/> leads past it.
    /// </exception>
    /// <exception cref="KafkaException">As <see cref="ReadAllAsync"/>.</exception>
    /// <exception cref="InvalidOperationException">Another loop is reading, or there is nothing to read: no topic, no partition.</exception>
    /// <exception cref="ObjectDisposedException">The consumer was disposed.</exception>
    public async ValueTask<IReadOnlyList<ConsumerRecord<TKey, TValue>>> PollAsync(
        TimeSpan timeout, int? maxRecords = null, CancellationToken cancellation = default)
    {
        var limit = maxRecords ?? _options.MaxPollRecords;
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, nameof(maxRecords));
        if (timeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        cancellation.ThrowIfCancellationRequested();
        BeginReading();
        try
        {
            _polls?.Settle();
            await _runtime.Enter();
            return await PollUntilAsync(timeout == Timeout.InfiniteTimeSpan ? Instant.Never : _runtime.Now + timeout, limit, cancellation);
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    async ValueTask<IReadOnlyList<ConsumerRecord<TKey, TValue>>> PollUntilAsync(Instant deadline, int limit, CancellationToken cancellation)
    {
        var polls = _polls ??= new PollReader<TKey, TValue>(_queue, _compression, _options.IsolationLevel == IsolationLevel.ReadCommitted, _maker);
        var records = new List<ConsumerRecord<TKey, TValue>>();
        WaitUnder(cancellation);
        while (true)
        {
            while (polls.TryTakeEnd(out var end))
                await _options.OnPartitionEnd!(end, cancellation);
            try
            {
                polls.Take(records, limit);
                while (_maker.TakePending() is { } pending)
                {
                    var isComplete = await CompleteLastAsync(polls, records, pending, cancellation);
                    if (!isComplete && records.Count > 0)
                        break;
                    polls.Take(records, limit);
                }
            }
            catch (KafkaSerializationException unreadable) when (_options.OnUnreadableRecord is not null && unreadable.Offset >= 0)
            {
                await DecideOnPolledAsync(polls, unreadable, cancellation);
                continue;
            }
            catch
            {
                polls.Abandon();
                throw;
            }
            if (records.Count > 0)
                return records;
            if (!polls.HasEnd && !await WaitForRecordsAsync(deadline, cancellation))
                return records;
        }
    }

    /// <summary>Waits for what is missing of the record that was taken last.</summary>
    /// <returns>Whether it is complete; one that cannot be read is told of behind the others.</returns>
    async ValueTask<bool> CompleteLastAsync(
        PollReader<TKey, TValue> polls, List<ConsumerRecord<TKey, TValue>> records, PendingRecord pending, CancellationToken cancellation)
    {
        try
        {
            records[^1] = await CompleteAsync(records[^1], pending, cancellation);
            return true;
        }
        catch (KafkaSerializationException unreadable)
        {
            records.RemoveAt(records.Count - 1);
            polls.Refuse(unreadable);
            return false;
        }
    }

    async ValueTask DecideOnPolledAsync(PollReader<TKey, TValue> polls, KafkaSerializationException unreadable, CancellationToken cancellation)
    {
        try
        {
            await DecideAsync(unreadable, cancellation);
        }
        catch
        {
            polls.Abandon();
            throw;
        }
        polls.Skip(unreadable);
    }

    /// <returns>Whether there is something to read; false at the deadline.</returns>
    ValueTask<bool> WaitForRecordsAsync(Instant deadline, CancellationToken cancellation)
    {
        var now = _runtime.Now;
        var time = deadline == Instant.Never ? Timeout.InfiniteTimeSpan : deadline > now ? deadline - now : TimeSpan.Zero;
        return CreateWait(cancellation, time).BeginAsync();
    }
}
