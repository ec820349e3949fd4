using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>What a transaction has taken of a consumer's partitions, while the group goes on: by hand-made time.</summary>
public sealed class ProcessedShareTests
{
    readonly ConsumerHarness _it = new(static options => options.EnableAutoCommit = false);
    readonly ProcessedShare _share;

    public ProcessedShareTests()
    {
        _share = new ProcessedShare(_it.Queue);
        _it.Wait();
        _it.BecomeMember(1, 0);
        _it.GiveCommitted(0);
        _it.Answer(_it.Take(ApiKey.Fetch), Fetched(1, (0, ErrorCode.None, [.. Batch(0, 3), .. Batch(3, 2)])));
    }

    [Fact]
    public void Partition_is_given_up_after_the_end_of_the_transaction_that_has_taken_of_it()
    {
        Take();
        Assert.False(_share.IsEndWanted);
        _it.Machine.OnRefused(ErrorCode.RebalanceInProgress);
        _it.Turn();
        Assert.True(_share.IsEndWanted);
        Assert.False(_it.Reader.TryNextBatch());
        _it.Turn();
        Assert.Equal(0, _it.Count(ApiKey.JoinGroup));
        _share.End();
        _it.Turn();
        Assert.Equal(1, _it.Count(ApiKey.JoinGroup));
    }

    [Fact]
    public void Next_offsets_are_those_behind_the_last_batch_of_each_partition()
    {
        Take();
        Take();
        Assert.Equal(new TopicPartitionOffset(Topic, 0, 5, 5), Assert.Single(_share.Partitions).Next);
        var group = Describe();
        Assert.Equal(("g", "m", 1), (group.Value!.GroupId, group.Value.MemberId, group.Value.Generation));
        _share.End();
        Assert.True(_share.IsEmpty);
    }

    [Fact]
    public void After_a_rewind_reading_goes_on_where_the_transaction_began()
    {
        Take();
        Take();
        _it.Reader.Abandon();
        _it.Turn();
        Assert.Equal(3, Position());
        Rewind();
        Assert.Equal(0, Position());
    }

    [Fact]
    public void Partition_that_went_away_and_came_back_is_another_and_keeps_its_new_position()
    {
        Take();
        _it.Machine.OnRefused(ErrorCode.IllegalGeneration);
        _it.Turn();
        _it.Reader.Abandon();
        _it.BecomeMember(2, 0);
        _it.GiveCommitted(7);
        var failure = Assert.IsType<KafkaException>(Describe().Failure);
        Assert.Equal((true, P(0)), (failure.IsRetriable, failure.Partition!.Value));
        Rewind();
        Assert.Equal(7, Position());
        Assert.Equal(2, Describe().Value!.Generation);
    }

    void Take()
    {
        Assert.True(_it.Reader.TryNextBatch());
        _share.Take(_it.Reader.Chunk, new TopicPartitionOffset(Topic, 0, _it.Reader.LastOffset + 1, _it.Reader.LeaderEpoch));
    }

    void Rewind()
    {
        Assert.True(_it.Call((call, effects) => _it.Machine.Rewind(_share.Partitions, call, effects)).Value);
        _share.End();
    }

    long Position() => _it.Queue.PositionOf(_it.Assignment.Snapshot.Single()).Offset;

    TestCall<ConsumerGroupMetadata> Describe()
    {
        var call = new TestCall<ConsumerGroupMetadata>(Instant.Never);
        _it.Machine.DescribeMembership(_share.Partitions, call, new Effects());
        return call;
    }
}
