using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Reading;

namespace NetKafka;

/// <summary>What <see cref="Producer{TKey, TValue}.ProcessAsync"/> needs of its source.</summary>
public sealed partial class Consumer<TKey, TValue>
{
    /// <summary>What an open transaction has taken from here; for a consumer that is only read, empty.</summary>
    internal ProcessedShare Processed => field ??= new ProcessedShare(_queue);

    /// <summary>Refuses a consumer whose offsets cannot be left to a transaction.</summary>
    internal void RequireExternalCommits()
    {
        if (_options.GroupId is null)
            throw new InvalidOperationException("The source has no group whose offsets could be part of a transaction: set GroupId.");
        if (_options.EnableAutoCommit)
            throw new InvalidOperationException(
                "The source commits by itself what a transaction has not committed yet: set EnableAutoCommit to false.");
    }

    /// <summary>Makes the batch in hand part of the open transaction.</summary>
    internal void Process(in ConsumerBatch<TKey, TValue> batch) => Processed.Take(_reader.Chunk, batch.Next);

    /// <summary>The membership under which all that the transaction has taken is read; fails where some was taken away meanwhile.</summary>
    internal ValueTask<ConsumerGroupMetadata> DescribeProcessedAsync(CancellationToken cancellation)
    {
        var partitions = Processed.Partitions;
        return Ask<ConsumerGroupMetadata>(cancellation, (call, _, effects) => _machine.DescribeMembership(partitions, call, effects));
    }

    /// <summary>
    /// The transaction has ended without a commit, as far as is known: what it has taken is read again. Where it is not certain, it is asked
    /// about before the next transaction begins.
    /// </summary>
    /// <param name="isAborted">Whether it was aborted for certain.</param>
    internal async ValueTask RewindProcessedAsync(bool isAborted)
    {
        await RewindAsync(Processed.Partitions);
        if (isAborted)
            Processed.IsCommitAsked = false;
        Processed.End();
    }

    /// <summary>
    /// Whatever was in doubt is over: reading goes on behind what the group has, or, where it has nothing, where the transaction has begun.
    /// </summary>
    internal async ValueTask SettleProcessedAsync(CancellationToken cancellation)
    {
        var doubtful = Processed.InDoubt;
        var committed = (await CommittedAsync(doubtful.Select(static taken => taken.Partition.Partition), cancellation))
            .ToDictionary(static offset => offset.TopicPartition);
        await RewindAsync([.. doubtful.Select(taken => committed.GetValueOrDefault(taken.Partition.Partition) is { Offset: var offset } known && offset > taken.StartOffset
            ? taken with { StartOffset = known.Offset, StartEpoch = known.LeaderEpoch }
            : taken)]);
        Processed.Settle();
    }

    async ValueTask RewindAsync(ProcessedPartition[] partitions)
    {
        try
        {
            await Run(CancellationToken.None, (call, _, effects) => _machine.Rewind(partitions, call, effects));
        }
        catch (ObjectDisposedException)
        {
            // Nobody reads on from here.
        }
    }
}
