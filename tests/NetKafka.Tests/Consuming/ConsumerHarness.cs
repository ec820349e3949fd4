using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Consuming;
using NetKafka.Internal.Consuming.Fetching;
using NetKafka.Internal.Consuming.Groups;
using NetKafka.Internal.Consuming.Handovers;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Messages;
using NetKafka.Protocol.Records;
using NetKafka.Serialization;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Consuming;

/// <summary>A consumer's machines on a scripted cluster, by hand-made time: requests are answered by the test, one by one.</summary>
sealed class ConsumerHarness : IRebalanceHandlers
{
    public const string Topic = "payments";
    public static readonly Guid TopicId = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    readonly Effects _effects = new();
    readonly MachineQueue _machines = new();
    readonly CompressionPool _compression = new();
    readonly List<(HandoverKind Kind, IReadOnlyList<TopicPartition> Partitions, int Token)> _runs = [];

    public ConsumerHarness(Action<ConsumerOptions>? configure = null, bool isSubscribed = true, int partitions = 2, Guid? topicId = null)
    {
        var options = new ConsumerOptions { GroupId = "g", Topics = isSubscribed ? [Topic] : [], AutoOffsetReset = AutoOffsetReset.Earliest };
        configure?.Invoke(options);
        Options = options.Validated();
        Queue = new FetchQueue(() => Machine!.OnReader());
        Context = new ConsumerContext(
            Cluster, Options, Assignment, Queue, Pool, new RandomSource(1), TimeSpan.FromSeconds(30),
            new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)), 1)
        {
            UnixMilliseconds = () => UnixMilliseconds, Rack = "r1", MakeCodeRun = static (code, onEnd) => new CodeRun(code, onEnd),
        };
        Machine = new ConsumerMachine(Context, _machines, this);
        Reader = new RecordReader<string, string>(Queue, _compression, Context.IsReadCommitted, new(Serdes.String, Serdes.String));
        ShowTopic(partitions, 5, topicId ?? TopicId);
        Machine.Start(Now);
        Turn();
    }

    public ScriptedCluster Cluster { get; } = new();

    public ConsumerOptions Options { get; }

    public Assignment Assignment { get; } = new();

    public FetchQueue Queue { get; }

    public SlabPool Pool { get; } = new(1 << 24);

    public ConsumerContext Context { get; }

    public ConsumerMachine Machine { get; }

    public RecordReader<string, string> Reader { get; }

    /// <summary>The time of day.</summary>
    public long UnixMilliseconds { get; set; } = 10_000_000;

    public Instant Now { get; private set; } = Instant.Start + TimeSpan.FromSeconds(1);

    /// <summary>Whether handlers exist; their runs are ended by the test.</summary>
    public bool HasHandlers { get; set; }

    /// <summary>What handlers were told, and of which partitions.</summary>
    public IEnumerable<(HandoverKind Kind, IReadOnlyList<TopicPartition> Partitions)> Told => _runs.Select(run => (run.Kind, run.Partitions));

    public IReadOnlyList<HandoverKind> Runs => [.. _runs.Select(run => run.Kind)];

    public static TopicPartition P(int partition) => new(Topic, partition);

    public Dispatch? MakeRun(HandoverKind kind, IReadOnlyList<TopicPartition> partitions, int token)
    {
        _runs.Add((kind, partitions, token));
        return HasHandlers ? new NoRun() : null;
    }

    public void Cancel(int token)
    {
    }

    public void EndRun()
    {
        Machine.OnHandlerEnded(_runs[^1].Token, null);
        Turn();
    }

    /// <summary>Shows a view with one topic, led by broker 1.</summary>
    public void ShowTopic(int partitions, int epoch, Guid? topicId = null, int leader = 1, ErrorCode error = ErrorCode.None)
    {
        var brokers = new SortedDictionary<int, BrokerView> { [1] = new(1, "one", 9092, null), [2] = new(2, "two", 9092, null) };
        var topic = new TopicView(
            Topic, topicId ?? TopicId, false,
            [.. Enumerable.Range(0, partitions).Select(i => new PartitionView(i, leader, epoch, [1, 2], [1, 2], ErrorCode.None))], error);
        Cluster.Show(new ClusterView(0, "c", 1, brokers, new Dictionary<string, TopicView> { [Topic] = topic }));
    }

    /// <summary>Whether the application's assignors go on waiting until the test lets them run.</summary>
    public bool HoldsCode { get; set; }

    /// <summary>Code of the application that was sent off and has not run yet.</summary>
    public Queue<CodeRun> Code { get; } = new();

    /// <summary>Polls what is ready or due, and runs the application's assignors.</summary>
    public void Turn()
    {
        do
        {
            _machines.Poll(Now, _effects);
            for (var i = 0; i < _effects.Count; i++)
            {
                if (_effects[i].Payload is CodeRun run)
                    Code.Enqueue(run);
            }
            _effects.Clear();
        }
        while (!HoldsCode && RunCode());
    }

    /// <summary>Runs the code that was sent off first; whether there was any.</summary>
    public bool RunCode()
    {
        if (!Code.TryDequeue(out var run))
            return false;
        run.Run();
        return true;
    }

    public void Pass(TimeSpan time)
    {
        Now += time;
        Turn();
    }

    /// <summary>The application waits for something to read.</summary>
    public TestCall<bool> Wait()
    {
        var call = new TestCall<bool>(Instant.Never);
        Machine.WaitForRecords(call, Now);
        Turn();
        return call;
    }

    /// <summary>A call by the application.</summary>
    public TestCall<bool> Call(Action<TestCall<bool>, Effects> start, TimeSpan? timeout = null)
    {
        var call = new TestCall<bool>(Now + (timeout ?? TimeSpan.FromSeconds(60)));
        start(call, _effects);
        Turn();
        return call;
    }

    /// <summary>Takes the oldest request of an API that was not answered; there must be one.</summary>
    public SentRequest Take(ApiKey api)
    {
        var request = Cluster.Sent.FirstOrDefault(request => request.Request.ApiKey == api && !request.Request.IsAbandoned);
        Assert.True(request is not null, $"no {api} was sent; waiting are: {string.Join(", ", Cluster.Sent.Select(sent => sent.Request.ApiKey))}");
        Cluster.Sent.Remove(request);
        return request;
    }

    public int Count(ApiKey api) => Cluster.Sent.Count(request => request.Request.ApiKey == api && !request.Request.IsAbandoned);

    public void Answer<TResponse>(SentRequest request, TResponse response)
        where TResponse : IMessage<TResponse>
    {
        request.Answer(response, Now);
        Turn();
    }

    public void Fail(SentRequest request, Internal.Connections.RequestFailureReason reason)
    {
        request.Fail(reason, Now);
        Turn();
    }

    /// <summary>Joins as a follower and is given partitions.</summary>
    public void BecomeMember(int generation, params int[] partitions)
    {
        Answer(Take(ApiKey.JoinGroup), Joined(generation));
        Answer(Take(ApiKey.SyncGroup), Share(partitions));
    }

    public static JoinGroupResponse Joined(int generation, string member = "m", string leader = "other") => new()
    {
        GenerationId = generation, MemberId = member, Leader = leader, ProtocolType = "consumer", ProtocolName = "range",
    };

    public static SyncGroupResponse Share(params int[] partitions) =>
        new() { Assignment = GroupMessages.Assignment(partitions.Select(P)) };

    /// <summary>Answers the question for committed offsets; −1 where there is none.</summary>
    public void GiveCommitted(long offset, int epoch = -1)
    {
        var request = Take(ApiKey.OffsetFetch);
        var asked = request.Read<OffsetFetchRequest>().Groups.Single();
        Answer(request, new OffsetFetchResponse
        {
            Groups =
            [
                new()
                {
                    GroupId = asked.GroupId,
                    Topics = [.. asked.Topics!.Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopics
                    {
                        Name = topic.Name,
                        Partitions = [.. topic.PartitionIndexes.Select(index => new OffsetFetchResponse.OffsetFetchResponsePartitions
                        {
                            PartitionIndex = index, CommittedOffset = offset, CommittedLeaderEpoch = epoch,
                        })],
                    })],
                },
            ],
        });
    }

    public static FetchResponse Fetched(int sessionId, params (int Partition, ErrorCode Error, byte[] Records)[] rows) => Fetched(sessionId, null, rows);

    public static FetchResponse Fetched(
        int sessionId, FetchResponse.AbortedTransaction[]? aborted, params (int Partition, ErrorCode Error, byte[] Records)[] rows) => new()
        {
            SessionId = sessionId,
            Responses = rows.Length == 0 ? [] :
            [
                new FetchResponse.FetchableTopicResponse
                {
                    Topic = Topic, TopicId = TopicId,
                    Partitions = [.. rows.Select(row => new FetchResponse.PartitionData
                    {
                        PartitionIndex = row.Partition, ErrorCode = row.Error, HighWatermark = 1000, LastStableOffset = 1000, LogStartOffset = 0,
                        AbortedTransactions = aborted ?? [], Records = row.Records,
                    })],
                },
            ],
        };

    /// <summary>A batch whose values are the offsets of its records.</summary>
    public static byte[] Batch(long offset, int count, long producerId = -1, int epoch = 5)
    {
        var buffer = new byte[64 * 1024];
        var writer = new RecordBatchWriter();
        writer.Begin(buffer, 0, buffer.Length);
        for (var i = 0; i < count; i++)
            Assert.True(writer.TryAppend(1000 + i, "k"u8, false, System.Text.Encoding.UTF8.GetBytes($"{offset + i}"), false));
        var batch = writer.Seal();
        if (producerId >= 0)
            RecordBatchPatch.SetProducer(batch, producerId, 0, 0, isTransactional: true);
        RecordBatchPatch.SetBaseOffset(batch, offset);
        RecordBatchPatch.SetPartitionLeaderEpoch(batch, epoch);
        return batch.ToArray();
    }

    /// <summary>The end of a transaction, as its coordinator writes it.</summary>
    public static byte[] EndOfTransaction(long offset, long producerId, bool isCommit)
    {
        var buffer = new byte[1024];
        var length = ControlRecord.WriteEndOfTransaction(buffer, 0, producerId, 0, isCommit, 0, 1000);
        RecordBatchPatch.SetBaseOffset(buffer, offset);
        return buffer[..length];
    }

    /// <summary>What can be read without waiting, as "partition@offset=value".</summary>
    public List<string> ReadAll()
    {
        var read = new List<string>();
        while (Reader.TryNext(out var record))
            read.Add($"{record.Partition}@{record.Offset}={record.Value}");
        return read;
    }

    /// <summary>A call of an assignor of the application.</summary>
    public sealed class CodeRun(Action code, Action<Exception?> onEnd) : Dispatch
    {
        public override void Run()
        {
            Exception? error = null;
            try
            {
                code();
            }
            catch (Exception thrown)
            {
                error = thrown;
            }
            onEnd(error);
        }
    }

    sealed class NoRun : Dispatch
    {
        public override void Run()
        {
        }
    }
}
