using System.Buffers.Binary;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Records;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>The checkers of the wire find what they are for: sound requests with one thing planted.</summary>
public sealed class WireCheckerTests
{
    const string Topic = "t";
    const string Group = "g";
    const short ProduceVersion = 9;
    const long Pid = 7;

    readonly Violations _violations = new();
    readonly ClusterMachine _machine = new(new ClusterSettings(), 1);
    readonly History _history = new();
    readonly SimScheduler _scheduler = new(new RandomSource(1), PickOrder.Any, null);
    readonly WireChecker _wire;
    readonly SequenceChecker _sequences;
    readonly ThrottleChecker _throttling;
    int _correlationId;

    public WireCheckerTests()
    {
        _machine.Operate(0, cluster =>
        {
            cluster.AddBroker(1, "one", 9092);
            cluster.CreateTopic(new TopicOrder(Topic) { Partitions = 2, ReplicationFactor = 1 });
        });
        _wire = new WireChecker(_scheduler, _machine, new GroupHistory(_violations.Add), _history, _violations);
        _sequences = new SequenceChecker(_machine.Cluster, _violations);
        _throttling = new ThrottleChecker(_machine.Cluster, _violations);
    }

    [Fact]
    public void Sound_requests_have_no_violations()
    {
        Produce((0, Batch(0, 1, 2)));
        Produce((0, Batch(2, 3)), (1, Batch(0, 4)));
        Produce((0, Batch(2, 3)));
        Send(Batch(0, 1, 2));
        Send(Batch(0, 5), epoch: 1);
        Assert.Empty(_violations.Kept);
    }

    [Fact]
    public void Partition_that_is_named_twice_is_found()
    {
        Produce((0, Batch(0, 1)), (0, Batch(1, 2)));
        Finds("P20 wire");
    }

    [Fact]
    public void Batch_that_is_not_what_was_summed_is_found_whatever_its_head_says()
    {
        var batch = Batch(0, 1);
        batch.AsSpan(43).Fill(0xDB);
        Produce((0, batch));
        Finds("P22");
    }

    [Fact]
    public void Other_records_under_a_sequence_that_is_written_are_found()
    {
        Produce((0, Batch(0, 1)));
        Write(Batch(0, 1));
        Produce((0, Batch(0, 2)));
        Finds("P20 retries");
    }

    [Fact]
    public void Part_of_a_batch_that_was_written_whole_may_ask()
    {
        Produce((0, Batch(0, 1, 2)));
        Write(Batch(0, 1, 2));
        Produce((0, Batch(0, 1)));
        Assert.Empty(_violations.Kept);
    }

    [Fact]
    public void Record_that_comes_back_under_a_sequence_that_was_given_away_is_found()
    {
        Produce((0, Batch(0, 1)));
        Produce((0, Batch(0, 2)));
        Produce((0, Batch(0, 1)));
        Finds("P7");
    }

    [Fact]
    public void Only_what_comes_on_a_connection_that_was_given_up_comes_late()
    {
        for (var id = 0; id < 4; id++)
            _history.Add(new SentRecord
            {
                Id = id, Producer = 0, Topic = Topic, Partition = -1, Key = null, ValueBytes = 8, TimestampMs = 0, InvokedTicks = 0, LatestEndTicks = 0,
            });
        Produce((0, Batch(0, 0)));
        Produce(2, (0, Batch(1, 1)));
        Produce(1, (0, Batch(2, 2)));
        Produce(2, (0, Batch(3, 3)));
        Assert.Equal([false, false, true, false], _history.Sent.Select(static sent => sent.CameLate));
    }

    [Fact]
    public void Epochs_that_go_on_with_old_numbers_are_found()
    {
        Send(Batch(0, 1, 2));
        for (short epoch = 1; epoch <= 3; epoch++)
            Send(Batch(2 * epoch, 3, 4), epoch);
        Finds("P20 an epoch");
    }

    [Fact]
    public void Answer_that_asks_to_wait_is_seen_and_impatience_is_found()
    {
        _machine.Cluster.FindBroker(1)!.ThrottleMs = 40;
        var answer = Answer(new FetchResponse { ThrottleTimeMs = 40 }, 12, FetchRequest.ResponseHeaderVersion(12));
        _throttling.Expect(new RequestInfo(3, 1, ApiKey.Fetch, 12, _correlationId, "c", default));
        Assert.Equal(40, _throttling.ThrottleOf(3, answer));
        // The same bytes answer nothing any more.
        Assert.Equal(0, _throttling.ThrottleOf(3, answer));
        _throttling.OnImpatience("c");
        Finds("P20 throttling");
    }

    [Fact]
    public void Answer_in_a_version_before_clients_wait_asks_for_nothing()
    {
        _machine.Cluster.FindBroker(1)!.ThrottleMs = 40;
        var answer = Answer(new FetchResponse { ThrottleTimeMs = 40 }, 7, FetchRequest.ResponseHeaderVersion(7));
        _throttling.Expect(new RequestInfo(3, 1, ApiKey.Fetch, 7, _correlationId, "c", default));
        Assert.Equal(0, _throttling.ThrottleOf(3, answer));
    }

    [Fact]
    public void Commit_of_a_partition_that_its_generation_gives_to_another_member_is_found()
    {
        var (owner, other) = FormGroup();
        Commit(owner, offset: 0);
        Assert.Empty(_violations.Kept);
        Commit(other, offset: 0);
        Finds("P12 one owner");
    }

    /// <summary>Two members form generation 2 of a group, and the first is given partition 0.</summary>
    /// <returns>Their ids.</returns>
    (string Owner, string Other) FormGroup()
    {
        var (first, second) = (_machine.Connect(1, 0), _machine.Connect(1, 0));
        Tell(first, Join(""), 3);
        var owner = Take<JoinGroupRequest, JoinGroupResponse>(first, 3).MemberId;
        Tell(first, new SyncGroupRequest { GroupId = Group, GenerationId = 1, MemberId = owner }, 1);
        Take<SyncGroupRequest, SyncGroupResponse>(first, 1);
        Tell(second, Join(""), 3);
        Tell(first, Join(owner), 3);
        Assert.Equal(2, Take<JoinGroupRequest, JoinGroupResponse>(first, 3).GenerationId);
        var other = Take<JoinGroupRequest, JoinGroupResponse>(second, 3).MemberId;
        var assignment = new KafkaWriter();
        assignment.WriteInt16(0);
        assignment.WriteInt32(1);
        assignment.WriteString(Topic, "Topic");
        assignment.WriteInt32(1);
        assignment.WriteInt32(0);
        assignment.WriteInt32(-1);
        Tell(first, new SyncGroupRequest
        {
            GroupId = Group, GenerationId = 2, MemberId = owner, Assignments = [new() { MemberId = owner, Assignment = assignment.WrittenSpan.ToArray() }],
        }, 1);
        Take<SyncGroupRequest, SyncGroupResponse>(first, 1);
        return (owner, other);
    }

    static JoinGroupRequest Join(string memberId) => new()
    {
        GroupId = Group, MemberId = memberId, SessionTimeoutMs = 10_000, RebalanceTimeoutMs = 10_000, ProtocolType = "consumer",
        Protocols = [new() { Name = "range", Metadata = [] }],
    };

    [Theory]
    [InlineData(0, 0, null, true)]
    [InlineData(0, 1, null, false)]
    [InlineData(1, 1, null, true)]
    [InlineData(-1, 0, null, true)]
    [InlineData(-2, 0, "i", true)]
    [InlineData(-1, 0, "i", false)]
    public void Join_that_owns_something_is_found_and_static_member_that_does_not_come_back(int epoch, int owned, string? instance, bool isSound)
    {
        _wire.OnRequest(new RequestInfo(1, 1, ApiKey.ConsumerGroupHeartbeat, 1, _correlationId, "c", Frame(
            new ConsumerGroupHeartbeatRequest
            {
                GroupId = Group, MemberId = "m", MemberEpoch = epoch, InstanceId = instance, RebalanceTimeoutMs = 10_000, SubscribedTopicNames = [Topic],
                TopicPartitions = [.. Enumerable.Range(0, owned).Select(static i => new ConsumerGroupHeartbeatRequest.TopicPartitionsData { Partitions = [i] })],
            }, 1)));
        Assert.Equal(isSound, _violations.Kept.Count == 0);
    }

    [Fact]
    public void Commit_for_a_topic_that_is_gone_is_none()
    {
        _wire.OnRequest(new RequestInfo(1, 1, ApiKey.OffsetCommit, 10, _correlationId, "c", Frame(
            new OffsetCommitRequest
            {
                GroupId = Group, GenerationIdOrMemberEpoch = 2, MemberId = "m",
                Topics = [new() { TopicId = new Guid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), Partitions = [new() { PartitionIndex = 0, CommittedOffset = 3 }] }],
            }, 10)));
        Assert.Empty(_violations.Kept);
    }

    void Commit(string memberId, long offset) => _wire.OnRequest(new RequestInfo(1, 1, ApiKey.OffsetCommit, 7, _correlationId, "c", Frame(
        new OffsetCommitRequest
        {
            GroupId = Group, GenerationIdOrMemberEpoch = 2, MemberId = memberId,
            Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset }] }],
        }, 7)));

    void Tell<TRequest, TResponse>(int connection, IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        var frame = Frame(request, version);
        var bytes = new byte[sizeof(int) + frame.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, frame.Length);
        frame.CopyTo(bytes.AsSpan(sizeof(int)));
        _machine.Receive(connection, bytes, 0);
    }

    TResponse Take<TRequest, TResponse>(int connection, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse>
    {
        _machine.Poll(0);
        Assert.True(_machine.TryTakeOutput(connection, out var frame), $"There is no answer to {TRequest.ApiKey}.");
        var reader = new KafkaReader(frame[sizeof(int)..], TResponse.Name, version);
        reader.ReadInt32();
        return TResponse.Read(ref reader, version);
    }

    void Finds(string property)
    {
        var violation = Assert.Single(_violations.Kept);
        Assert.StartsWith(property, violation.Property);
    }

    /// <summary>A broker reads a Produce request with these batches.</summary>
    void Produce(params (int Partition, byte[] Batch)[] batches) => Produce(1, batches);

    void Produce(int connection, params (int Partition, byte[] Batch)[] batches) => _wire.OnRequest(
        new RequestInfo(connection, 1, ApiKey.Produce, ProduceVersion, _correlationId, "c", Frame(batches)));

    /// <summary>A client sends one batch to partition 0.</summary>
    void Send(byte[] batch, short epoch = 0)
    {
        RecordBatchPatch.SetProducer(batch, Pid, epoch, BinaryPrimitives.ReadInt32BigEndian(batch.AsSpan(53)));
        var frame = Frame((0, batch));
        var bytes = new byte[sizeof(int) + frame.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, frame.Length);
        frame.CopyTo(bytes.AsSpan(sizeof(int)));
        _sequences.OnSend(bytes);
    }

    void Write(byte[] batch) => _machine.Cluster.FindTopic(Topic)!.Partitions[0].Log.Append(batch, 0);

    byte[] Frame(params (int Partition, byte[] Batch)[] batches) => Frame(
        new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 1000,
            TopicData =
            [
                new()
                {
                    Name = Topic,
                    PartitionData = [.. batches.Select(static item => new ProduceRequest.PartitionProduceData { Index = item.Partition, Records = item.Batch.AsMemory() })],
                },
            ],
        }, ProduceVersion);

    byte[] Frame<TRequest, TResponse>(IRequest<TRequest, TResponse> request, short version)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse> => Frames.Of(request, version, ++_correlationId);

    byte[] Answer(FetchResponse response, short version, short headerVersion)
    {
        var writer = new KafkaWriter(256);
        writer.WriteInt32(0);
        writer.WriteInt32(++_correlationId);
        if (headerVersion >= 1)
            writer.WriteUnsignedVarint(0);
        response.Write(writer, version);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>A batch of records by their numbers.</summary>
    static byte[] Batch(int sequence, params int[] ids)
    {
        var writer = new RecordBatchWriter();
        writer.Begin(new byte[4096], 0, 4096);
        foreach (var id in ids)
        {
            var value = new byte[SentRecord.SmallestValue];
            BinaryPrimitives.WriteInt32BigEndian(value, id);
            writer.TryAppend(1_000, default, true, value, false);
        }
        var batch = writer.Seal().ToArray();
        RecordBatchPatch.SetProducer(batch, Pid, 0, sequence);
        return batch;
    }
}
