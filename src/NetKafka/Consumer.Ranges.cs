using System.Runtime.CompilerServices;
using NetKafka.Consuming;
using NetKafka.Internal.Consuming;

namespace NetKafka;

/// <summary>Reads with an end.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>
    /// Reads what lies between two offsets of each partition, and ends. Records of a partition come in order; partitions take turns. No
    /// group is needed: these partitions are assigned by hand, in place of others, until the loop is left. With a group their positions are
    /// committed like any others, so a replay leaves <see cref="ConsumerOptions.GroupId"/> empty.
    /// <para>
    /// It ends where each partition has come to its last offset or to what was its end when the loop began (under read-committed, its last
    /// stable offset), whether or not there are records: gaps of compaction, markers and aborted records are passed, and what is deleted
    /// meanwhile is left out. <see cref="ConsumerOptions.OnPartitionEnd"/> is not called.
    /// </para>
    /// </summary>
    /// <param name="ranges">The partitions, each once, with their offsets.</param>
    /// <param name="cancellation">Ends the loop with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The records, for <c>await foreach</c>. Errors are those of <see cref="ReadAllAsync"/>.</returns>
    /// <exception cref="ArgumentException">A partition is named twice, or ends before it begins.</exception>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics; or, when the loop begins, another one is reading.</exception>
    public IAsyncEnumerable<ConsumerRecord<TKey, TValue>> ReadRangeAsync(IEnumerable<PartitionRange> ranges, CancellationToken cancellation = default)
    {
        RequireNoSubscription();
        PartitionRange[] wanted = [.. ranges];
        foreach (var range in wanted)
        {
            Check(range.Partition);
            if (range.Until < range.From)
                throw new ArgumentException($"{range} ends before it begins.", nameof(ranges));
        }
        if (wanted.DistinctBy(range => range.Partition).Count() != wanted.Length)
            throw new ArgumentException("A partition is named twice.", nameof(ranges));
        return ReadRangesAsync(_ => ValueTask.FromResult(wanted), cancellation);
    }

    /// <summary>
    /// Reads what all partitions of a topic hold between two times, and ends: of each partition from the first record that is not older than
    /// the one to the record before the first that is not older than the other, or to what is its end when the loop begins. Where timestamps
    /// do not ascend, records between these two may lie outside of the times. See
    /// <see cref="ReadRangeAsync(IEnumerable{PartitionRange}, CancellationToken)"/>.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="from">From when, to the millisecond.</param>
    /// <param name="until">Until when; what was written at that moment does not belong to it.</param>
    /// <param name="cancellation">Ends the loop with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The records, for <c>await foreach</c>. Errors are those of <see cref="ReadAllAsync"/>.</returns>
    /// <exception cref="ArgumentException">It ends before it begins.</exception>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics; or, when the loop begins, another one is reading.</exception>
    public IAsyncEnumerable<ConsumerRecord<TKey, TValue>> ReadRangeAsync(
        string topic, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation = default)
    {
        RequireNoSubscription();
        ArgumentException.ThrowIfNullOrEmpty(topic);
        CheckTimes(from, until);
        return ReadRangesAsync(async token =>
        {
            var view = await ViewOfAsync(topic, token);
            return await RangesOfAsync([.. view.Topics[topic].Partitions.Select(partition => new TopicPartition(topic, partition.Index))], from, until, token);
        }, cancellation);
    }

    /// <summary>As <see cref="ReadRangeAsync(string, DateTimeOffset, DateTimeOffset, CancellationToken)"/>, of single partitions.</summary>
    /// <param name="partitions">The partitions.</param>
    /// <param name="from">From when, to the millisecond.</param>
    /// <param name="until">Until when; what was written at that moment does not belong to it.</param>
    /// <param name="cancellation">Ends the loop with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The records, for <c>await foreach</c>. Errors are those of <see cref="ReadAllAsync"/>.</returns>
    /// <exception cref="ArgumentException">It ends before it begins.</exception>
    /// <exception cref="InvalidOperationException">The consumer subscribes to topics; or, when the loop begins, another one is reading.</exception>
    public IAsyncEnumerable<ConsumerRecord<TKey, TValue>> ReadRangeAsync(
        IEnumerable<TopicPartition> partitions, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation = default)
    {
        RequireNoSubscription();
        TopicPartition[] wanted = [.. partitions.Distinct()];
        foreach (var partition in wanted)
            Check(partition);
        CheckTimes(from, until);
        return ReadRangesAsync(token => RangesOfAsync(wanted, from, until, token), cancellation);
    }

    static void CheckTimes(DateTimeOffset from, DateTimeOffset until)
    {
        if (until < from)
            throw new ArgumentException($"The range from {from:O} until {until:O} ends before it begins.", nameof(until));
    }

    async ValueTask<PartitionRange[]> RangesOfAsync(TopicPartition[] partitions, DateTimeOffset from, DateTimeOffset until, CancellationToken cancellation)
    {
        var first = await QueryAsync(partitions, UnixMilliseconds(from), cancellation);
        var last = (await QueryAsync(partitions, UnixMilliseconds(until), cancellation)).ToDictionary(static place => place.TopicPartition);
        // A partition without a record that is young enough has nothing between the two.
        return [.. first.Where(static place => place.IsFound).Select(place =>
            new PartitionRange(place.TopicPartition, place.Offset, last[place.TopicPartition] is { IsFound: true, Offset: var end } ? end : long.MaxValue))];
    }

    async IAsyncEnumerable<ConsumerRecord<TKey, TValue>> ReadRangesAsync(
        Func<CancellationToken, ValueTask<PartitionRange[]>> find, CancellationToken outer, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var either = Either(outer, cancellation);
        ClaimReading();
        try
        {
            LeavePolled();
            await _runtime.Enter();
            var starts = await StartsOfAsync(await find(either), either);
            await Run(either, (call, _, _) => _machine.AssignFrom(starts, call));
            var loop = Waiting(new RangeLoop(this, starts, either), either);
            while (await loop.MoveNextAsync())
                yield return loop.Current;
        }
        finally
        {
            EndReading();
            if (!_isDisposed)
                await Run(CancellationToken.None, (call, _, _) => _machine.AssignFrom([], call));
        }
    }

    /// <summary>Where each range begins and ends in the log as it is; those with nothing in them are left out.</summary>
    async ValueTask<List<PartitionStart>> StartsOfAsync(PartitionRange[] ranges, CancellationToken cancellation)
    {
        TopicPartition[] partitions = [.. ranges.Select(range => range.Partition)];
        var beginnings = (await BeginningOffsetsAsync(partitions, cancellation)).ToDictionary(static place => place.TopicPartition, static place => place.Offset);
        var ends = (await EndOffsetsAsync(partitions, cancellation)).ToDictionary(static place => place.TopicPartition, static place => place.Offset);
        var starts = new List<PartitionStart>();
        foreach (var (partition, from, until) in ranges)
        {
            var (first, bound) = (Math.Max(from, beginnings[partition]), Math.Min(until, ends[partition]));
            if (first < bound)
                starts.Add(new PartitionStart(partition, new TopicPartitionOffset(partition, first)) { Bound = bound });
        }
        return starts;
    }

    /// <summary>Reads until each partition has come to its bound.</summary>
    sealed class RangeLoop(Consumer<TKey, TValue> consumer, List<PartitionStart> starts, CancellationToken cancellation) : RecordLoop(consumer, cancellation)
    {
        readonly Dictionary<TopicPartition, long> _bounds = starts.ToDictionary(static start => start.Partition, static start => start.Bound);
        protected override bool IsComplete => _bounds.Count == 0;

        protected override bool TryMove()
        {
            while (Consumer._reader.TryNext(out _current))
            {
                var bound = Consumer._reader.Chunk.Owner.Bound;
                if (_current.Offset < bound)
                    return true;
                Consumer._reader.PassRest(bound);
            }
            return false;
        }

        protected override ValueTask<bool> TellEndAsync(TopicPartitionOffset end)
        {
            if (_bounds.TryGetValue(end.TopicPartition, out var bound) && end.Offset >= bound)
                _bounds.Remove(end.TopicPartition);
            return ValueTask.FromResult(true);
        }
    }
}
