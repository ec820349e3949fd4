using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Records;
using NetKafka.Testing;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Tests.Consuming;

/// <summary>What consumers of other clients got wrong, by hand-made time and answers.</summary>
public sealed class ConsumerTrapTests
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    static ConsumerHarness Assigned(bool isReadCommitted = true)
    {
        var it = new ConsumerHarness(
            options => (options.GroupId, options.EnableAutoCommit, options.IsolationLevel) =
                (null, false, isReadCommitted ? IsolationLevel.ReadCommitted : IsolationLevel.ReadUncommitted),
            isSubscribed: false);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), 0)], call));
        return it;
    }

    static ConsumerHarness Member(Action<ConsumerOptions>? configure = null)
    {
        var it = new ConsumerHarness(configure);
        it.Wait();
        it.BecomeMember(1, 0, 1);
        it.GiveCommitted(0);
        return it;
    }

    static TestCall<bool> Commit(ConsumerHarness it, long offset, TimeSpan? timeout = null) =>
        it.Call((call, effects) => it.Machine.Commit([new TopicPartitionOffset(P(0), offset)], call, effects), timeout);

    static OffsetCommitResponse Committed(ErrorCode error = ErrorCode.None) =>
        new() { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, ErrorCode = error }] }] };

    static long FetchOffsetOf(SentRequest request) => request.Read<FetchRequest>().Topics.Single().Partitions.Single().FetchOffset;

    /// <summary>The batch itself is all that says whose it is: what is inside is opened later (librdkafka 1.5.3, #3020).</summary>
    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Gzip)]
    [InlineData(CompressionCodec.Snappy)]
    [InlineData(CompressionCodec.Lz4)]
    [InlineData(CompressionCodec.Zstd)]
    public void Aborted_records_are_left_out_in_every_codec_and_committed_ones_are_not(CompressionCodec codec)
    {
        var it = Assigned();
        byte[] records =
        [
            .. Compressed(codec, 0, 3, producerId: 1), .. Compressed(codec, 3, 2, producerId: 2), .. EndOfTransaction(5, 1, isCommit: false),
            .. EndOfTransaction(6, 2, isCommit: true), .. Compressed(codec, 7, 1, producerId: 1), .. EndOfTransaction(8, 1, isCommit: true),
        ];
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, [new() { ProducerId = 1, FirstOffset = 0 }], (0, ErrorCode.None, records)));
        Assert.Equal(["0@3=3", "0@4=4", "0@7=7"], it.ReadAll());
        Assert.Equal(9, FetchOffsetOf(it.Take(ApiKey.Fetch)));
    }

    /// <summary>Compaction has taken the records of the aborted transaction and left its end (librdkafka 1.7.0).</summary>
    [Fact]
    public void Aborted_transaction_of_which_only_the_end_is_left_takes_nothing_of_the_next_one()
    {
        var it = Assigned();
        byte[] records = [.. EndOfTransaction(4, 1, isCommit: false), .. Batch(5, 2, producerId: 1), .. EndOfTransaction(7, 1, isCommit: true)];
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, [new() { ProducerId = 1, FirstOffset = 0 }], (0, ErrorCode.None, records)));
        Assert.Equal(["0@5=5", "0@6=6"], it.ReadAll());
    }

    /// <summary>A marker is of an epoch too, and what lies behind it was written in that one or a later one (librdkafka 2.3.0, #4434).</summary>
    [Fact]
    public void Position_behind_a_marker_has_the_epoch_of_the_marker()
    {
        var it = Assigned();
        var marker = EndOfTransaction(2, 1, isCommit: true);
        RecordBatchPatch.SetPartitionLeaderEpoch(marker, 6);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, [.. Batch(0, 2, producerId: 1), .. marker])));
        Assert.Equal(2, it.ReadAll().Count);
        it.Fail(it.Take(ApiKey.Fetch), RequestFailureReason.Lost);
        it.ShowTopic(2, 8, leader: 2);
        it.Pass(2 * Second);
        Assert.Equal(6, it.Take(ApiKey.OffsetForLeaderEpoch).Read<OffsetForLeaderEpochRequest>().Topics[0].Partitions[0].LeaderEpoch);
    }

    [Theory]
    [InlineData(ErrorCode.InconsistentTopicId)]
    [InlineData(ErrorCode.UnknownTopicId)]
    [InlineData(ErrorCode.UnknownTopicOrPartition)]
    [InlineData(ErrorCode.NotLeaderOrFollower)]
    [InlineData(ErrorCode.FencedLeaderEpoch)]
    [InlineData(ErrorCode.UnknownLeaderEpoch)]
    [InlineData(ErrorCode.OffsetNotAvailable)]
    [InlineData(ErrorCode.ReplicaNotAvailable)]
    [InlineData(ErrorCode.KafkaStorageError)]
    [InlineData(ErrorCode.UnknownServerError)]
    public void Passing_error_of_a_partition_neither_moves_the_position_nor_reaches_the_reader(ErrorCode error)
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        Assert.Equal(3, it.ReadAll().Count);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, error, [])));
        it.ShowTopic(2, 5);
        it.Pass(2 * Second);
        Assert.Equal(0, it.Count(ApiKey.ListOffsets));
        // The session holds where to go on, so only what is answered tells where that is.
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(3, 2))));
        Assert.Equal(["0@3=3", "0@4=4"], it.ReadAll());
    }

    /// <summary>A disconnect or a time-out while a new leader is asked is no news of a cut-off log (librdkafka 2.3.0, #4447).</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Failed_question_about_an_epoch_is_asked_again_and_resets_nothing(bool wasSent)
    {
        var it = Assigned();
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 10))));
        Assert.Equal(10, it.ReadAll().Count);
        it.Fail(it.Take(ApiKey.Fetch), RequestFailureReason.Lost);
        it.ShowTopic(2, 6, leader: 2);
        it.Pass(2 * Second);
        it.Fail(it.Take(ApiKey.OffsetForLeaderEpoch), wasSent ? RequestFailureReason.Lost : RequestFailureReason.NotSent);
        it.Pass(2 * Second);
        Assert.Equal((0, 0), (it.Count(ApiKey.ListOffsets), it.Count(ApiKey.Fetch)));
        it.Answer(it.Take(ApiKey.OffsetForLeaderEpoch), new OffsetForLeaderEpochResponse
        {
            Topics = [new() { Topic = Topic, Partitions = [new() { Partition = 0, LeaderEpoch = 5, EndOffset = 10 }] }],
        });
        Assert.Equal(10, FetchOffsetOf(it.Take(ApiKey.Fetch)));
    }

    /// <summary>A commit in a rebalance is not one of somebody who was expelled: the member joins and keeps its id.</summary>
    [Fact]
    public void Commit_that_meets_a_rebalance_is_sent_again_and_the_member_is_lost_to_nobody()
    {
        var it = Member(options => options.PartitionAssignmentStrategies = [PartitionAssignmentStrategy.Range]);
        it.HasHandlers = true;
        var commit = Commit(it, 3);
        it.Answer(it.Take(ApiKey.OffsetCommit), Committed(ErrorCode.RebalanceInProgress));
        Assert.DoesNotContain(Internal.Consuming.Handovers.HandoverKind.Lost, it.Runs);
        it.Pass(2 * Second);
        var again = it.Take(ApiKey.OffsetCommit);
        Assert.Equal(("m", 1), (again.Read<OffsetCommitRequest>().MemberId, again.Read<OffsetCommitRequest>().GenerationIdOrMemberEpoch));
        it.Answer(again, Committed());
        Assert.True(commit.Value);
    }

    /// <summary>What reads need no coordinator; what commits says in the end that none was there.</summary>
    [Theory]
    [InlineData(GroupProtocol.Classic)]
    [InlineData(GroupProtocol.Consumer)]
    public void Reading_goes_on_without_a_coordinator_and_a_commit_ends_by_its_deadline(GroupProtocol protocol)
    {
        var it = new ConsumerHarness(options => (options.GroupProtocol, options.EnableAutoCommit) = (protocol, false));
        it.Wait();
        if (protocol == GroupProtocol.Classic)
            it.BecomeMember(1, 0);
        else
            it.Answer(it.Take(ApiKey.ConsumerGroupHeartbeat), Shared(1, 0));
        it.GiveCommitted(0);
        var commit = Commit(it, 3, TimeSpan.FromSeconds(20));
        for (var i = 0; i < 30; i++)
        {
            foreach (var api in (ApiKey[])[ApiKey.Heartbeat, ApiKey.ConsumerGroupHeartbeat, ApiKey.OffsetCommit, ApiKey.JoinGroup])
            {
                while (it.Count(api) > 0)
                    it.Fail(it.Take(api), RequestFailureReason.NotSent);
            }
            it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(i, 1))));
            Assert.Equal([$"0@{i}={i}"], it.ReadAll());
            it.Wait();
            it.Pass(Second);
        }
        Assert.IsType<KafkaConnectionException>(Assert.IsType<KafkaTimeoutException>(commit.Failure).InnerException);
        Assert.Equal([P(0)], it.Assignment.Snapshot.Select(static partition => partition.Partition));
    }

    /// <summary>The answer to a heartbeat that was on its way brings an epoch, and nobody is in one any more (librdkafka 2.12.0).</summary>
    [Fact]
    public void Epoch_of_a_heartbeat_that_raced_with_the_leaving_is_not_taken()
    {
        var it = new ConsumerHarness(options => options.GroupProtocol = GroupProtocol.Consumer);
        it.Wait();
        it.Answer(it.Take(ApiKey.ConsumerGroupHeartbeat), Shared(1, 0));
        it.Answer(it.Take(ApiKey.ConsumerGroupHeartbeat), new ConsumerGroupHeartbeatResponse { MemberEpoch = 1, HeartbeatIntervalMs = 5_000 });
        it.Pass(5 * Second);
        var raced = it.Take(ApiKey.ConsumerGroupHeartbeat);
        var closing = it.Call((call, _) => it.Machine.Close(call, it.Now));
        it.Answer(raced, Shared(7, 0, 1));
        var leave = it.Take(ApiKey.ConsumerGroupHeartbeat);
        Assert.Equal(-1, leave.Read<ConsumerGroupHeartbeatRequest>().MemberEpoch);
        it.Answer(leave, new ConsumerGroupHeartbeatResponse { MemberEpoch = -1 });
        Assert.True(closing.IsAnswered);
        Assert.Empty(it.Assignment.Snapshot);
        Assert.Equal(0, it.Count(ApiKey.ConsumerGroupHeartbeat));
    }

    /// <summary>Neither limit may keep a partition from being read whose first batch is larger (KIP-74).</summary>
    [Fact]
    public async Task Batch_above_every_limit_is_read_whole()
    {
        await using var embedded = EmbeddedKafka.Start();
        embedded.CreateTopic(Topic, 1);
        await using var kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = embedded.BootstrapServers, ConnectCallback = embedded.ConnectAsync });
        var value = new string('x', 700_000);
        await using (var producer = kafka.CreateProducer<string, string>())
        {
            for (var i = 0; i < 3; i++)
                await producer.ProduceAsync(Topic, "k", value, TestContext.Current.CancellationToken);
        }
        await using var consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions { FetchMaxBytes = 1024, MaxPartitionFetchBytes = 1024 });
        var offsets = new List<long>();
        await foreach (var record in consumer.ReadRangeAsync([new PartitionRange(P(0))], TestContext.Current.CancellationToken))
        {
            Assert.Equal(value, record.Value);
            offsets.Add(record.Offset);
        }
        Assert.Equal([0, 1, 2], offsets);
    }

    static ConsumerGroupHeartbeatResponse Shared(int epoch, params int[] partitions) => new()
    {
        MemberEpoch = epoch, HeartbeatIntervalMs = 5_000,
        Assignment = new() { TopicPartitions = [new() { TopicId = TopicId, Partitions = partitions }] },
    };

    /// <summary>A batch of a transaction whose values are the offsets of its records.</summary>
    static byte[] Compressed(CompressionCodec codec, long offset, int count, long producerId)
    {
        using var compression = new CompressionPool();
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[4096], 0, 4096);
        for (var i = 0; i < count; i++)
            Assert.True(writer.TryAppend(1000 + i, "k"u8, false, System.Text.Encoding.UTF8.GetBytes($"{offset + i}"), false));
        var batch = codec == CompressionCodec.None ? writer.Seal() : writer.Seal(codec, CompressionLevels.Default(codec), compression, compression.RentBuffer());
        RecordBatchPatch.SetProducer(batch, producerId, 0, 0, isTransactional: true);
        RecordBatchPatch.SetBaseOffset(batch, offset);
        RecordBatchPatch.SetPartitionLeaderEpoch(batch, 5);
        return batch.ToArray();
    }
}
