using NetKafka.Consuming;
using NetKafka.Internal.Cluster;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Consuming.Sharing;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Messages;
using NetKafka.Serialization;
using NetKafka.Tests.Support;

namespace NetKafka.Tests.Consuming.Sharing;

/// <summary>A share consumer's machines on a scripted cluster, by hand-made time: requests are answered by the test, one by one.</summary>
sealed class ShareHarness
{
    public const string Topic = "payments";
    public const int IntervalMs = 5_000;
    public const int LockMs = 30_000;
    public const sbyte Gap = 0;
    public const sbyte Accept = 1;
    public const sbyte Release = 2;
    public const sbyte Reject = 3;
    public const sbyte Renew = 4;
    public static readonly Guid TopicId = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    readonly Effects _effects = new();
    readonly MachineQueue _machines = new();
    readonly List<Action<Effects>> _turns = [];

    public ShareHarness(Action<ShareConsumerOptions>? configure = null, int partitions = 2)
    {
        var options = new ShareConsumerOptions { GroupId = "g", Topics = [Topic] };
        configure?.Invoke(options);
        Options = options.Validated();
        Queue = new ShareQueue(() => _turns.Add(_ => Machine!.OnApplication()));
        Context = new ShareContext(
            Cluster, Options, Queue, Pool, new RandomSource(1), TimeSpan.FromSeconds(30),
            new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1)), 1)
        { Rack = "r1" };
        Machine = new ShareMachine(Context, _machines, results =>
        {
            Told.AddRange(results);
            return new NoRun();
        });
        Reader = new ShareReader<string, string>(
            Queue, new CompressionPool(), new RecordMaker<string, string>(Serdes.String, Serdes.String), Options.AcknowledgementMode == ShareAcknowledgementMode.Implicit);
        ShowTopic(partitions);
        Machine.Start();
        Turn();
    }

    public ScriptedCluster Cluster { get; } = new();

    public ShareConsumerOptions Options { get; }

    public ShareQueue Queue { get; }

    public SlabPool Pool { get; } = new(1 << 24);

    public ShareContext Context { get; }

    public ShareMachine Machine { get; }

    public ShareReader<string, string> Reader { get; }

    public Instant Now { get; private set; } = Instant.Start + Second;

    /// <summary>What the application's handler of acknowledgements was told.</summary>
    public List<ShareAcknowledgement> Told { get; } = [];

    /// <inheritdoc cref="ConsumerHarness.Batch"/>
    public static byte[] Batch(long offset, int count) => ConsumerHarness.Batch(offset, count);

    public static TopicPartition P(int partition) => new(Topic, partition);

    /// <summary>A member that is assigned these partitions and waits for records.</summary>
    public static ShareHarness Member(Action<ShareConsumerOptions>? configure = null, params int[] partitions)
    {
        var it = new ShareHarness(configure);
        it.Wait();
        it.Join(partitions.Length == 0 ? [0, 1] : partitions);
        return it;
    }

    /// <summary>Shows a view with one topic; partition i is led by the i-th leader, the rest by broker 1.</summary>
    public void ShowTopic(int partitions = 2, params int[] leaders)
    {
        var brokers = new SortedDictionary<int, BrokerView> { [1] = new(1, "one", 9092, null), [2] = new(2, "two", 9092, null) };
        var topic = new TopicView(
            Topic, TopicId, false,
            [.. Enumerable.Range(0, partitions).Select(i => new PartitionView(i, i < leaders.Length ? leaders[i] : 1, 5, [1, 2], [1, 2], ErrorCode.None))], ErrorCode.None);
        Cluster.Show(new ClusterView(0, "c", 1, brokers, new Dictionary<string, TopicView> { [Topic] = topic }));
    }

    /// <summary>Polls what is ready or due, and what the application has said.</summary>
    public void Turn()
    {
        do
        {
            foreach (var turn in _turns.ToArray())
                turn(_effects);
            _turns.Clear();
            _machines.Poll(Now, _effects);
            _effects.Clear();
        }
        while (_turns.Count > 0);
    }

    public void Pass(TimeSpan time)
    {
        Now += time;
        Turn();
    }

    /// <summary>The application waits for something to read.</summary>
    public TestCall<bool> Wait(int records = int.MaxValue)
    {
        var call = new TestCall<bool>(Instant.Never);
        Machine.WaitForRecords(call, Math.Min(records, Options.MaxPollRecords));
        Turn();
        return call;
    }

    public TestCall<IReadOnlyList<ShareAcknowledgement>> Commit()
    {
        var call = new TestCall<IReadOnlyList<ShareAcknowledgement>>(Now + TimeSpan.FromSeconds(60));
        Machine.Commit(call);
        Turn();
        return call;
    }

    public TestCall<bool> Close()
    {
        var call = new TestCall<bool>(Now + TimeSpan.FromSeconds(5));
        Machine.Close(call);
        Turn();
        return call;
    }

    /// <summary>Takes the oldest request of an API that was not answered; there must be one.</summary>
    public SentRequest Take(ApiKey api, int? node = null)
    {
        var request = Cluster.Sent.FirstOrDefault(request => request.Request.ApiKey == api && (node is null || request.Target.NodeId == node));
        Assert.True(request is not null, $"no {api} was sent; waiting are: {string.Join(", ", Cluster.Sent.Select(sent => sent.Request.ApiKey))}");
        Cluster.Sent.Remove(request);
        return request;
    }

    public int Count(ApiKey api) => Cluster.Sent.Count(request => request.Request.ApiKey == api);

    public (SentRequest Sent, ShareFetchRequest Body) TakeFetch(int? node = null)
    {
        var sent = Take(ApiKey.ShareFetch, node);
        return (sent, sent.Read<ShareFetchRequest>());
    }

    public (SentRequest Sent, ShareAcknowledgeRequest Body) TakeAcknowledge(int? node = null)
    {
        var sent = Take(ApiKey.ShareAcknowledge, node);
        return (sent, sent.Read<ShareAcknowledgeRequest>());
    }

    public void Answer<TResponse>(SentRequest request, TResponse response)
        where TResponse : IMessage<TResponse>
    {
        request.Answer(response, Now);
        Turn();
    }

    public void Fail(SentRequest request, RequestFailureReason reason)
    {
        request.Fail(reason, Now);
        Turn();
    }

    /// <summary>Answers the join, or the next heartbeat.</summary>
    public void Join(params int[] partitions) => Answer(Take(ApiKey.ShareGroupHeartbeat), new ShareGroupHeartbeatResponse
    {
        MemberId = "m", MemberEpoch = 1, HeartbeatIntervalMs = IntervalMs,
        Assignment = new() { TopicPartitions = [new() { TopicId = TopicId, Partitions = partitions }] },
    });

    /// <summary>An answer that hands over records of partition 0.</summary>
    public static ShareFetchResponse Acquired(byte[] records, params (long First, long Last)[] ranges) => Fetched(new Row(0, records, ranges));

    public static ShareFetchResponse Fetched(params Row[] rows) => new()
    {
        AcquisitionLockTimeoutMs = LockMs,
        Responses = rows.Length == 0 ? [] :
        [
            new()
            {
                TopicId = TopicId,
                Partitions = [.. rows.Select(static row => new ShareFetchResponse.PartitionData
                {
                    PartitionIndex = row.Partition, ErrorCode = row.Error, AcknowledgeErrorCode = row.AcknowledgeError, Records = row.Records ?? Array.Empty<byte>(),
                    AcquiredRecords = [.. row.Ranges.Select(static range => new ShareFetchResponse.AcquiredRecords { FirstOffset = range.First, LastOffset = range.Last, DeliveryCount = 1 })],
                })],
            },
        ],
    };

    public static ShareAcknowledgeResponse Acknowledged(params (int Partition, ErrorCode Error)[] rows) => new()
    {
        Responses = rows.Length == 0 ? [] :
        [
            new() { TopicId = TopicId, Partitions = [.. rows.Select(static row => new ShareAcknowledgeResponse.PartitionData { PartitionIndex = row.Partition, ErrorCode = row.Error })] },
        ],
    };

    /// <summary>What a fetch says of records of a partition, as "first-last:type".</summary>
    public static string[] Said(ShareFetchRequest fetch, int partition = 0) =>
    [
        .. fetch.Topics.SelectMany(static topic => topic.Partitions).Where(row => row.PartitionIndex == partition).SelectMany(static row => row.AcknowledgementBatches)
            .Select(static batch => $"{batch.FirstOffset}-{batch.LastOffset}:{string.Join(',', batch.AcknowledgeTypes)}"),
    ];

    public static string[] Said(ShareAcknowledgeRequest request, int partition = 0) =>
    [
        .. request.Topics.SelectMany(static topic => topic.Partitions).Where(row => row.PartitionIndex == partition).SelectMany(static row => row.AcknowledgementBatches)
            .Select(static batch => $"{batch.FirstOffset}-{batch.LastOffset}:{string.Join(',', batch.AcknowledgeTypes)}"),
    ];

    /// <summary>The next record; there must be one.</summary>
    public ShareRecord<string, string> Read()
    {
        Assert.True(Reader.TryNext(Now, out var record), "there is no record");
        return record;
    }

    /// <summary>What can be read without waiting, by offset.</summary>
    public List<long> ReadAll()
    {
        var read = new List<long>();
        while (Reader.TryNext(Now, out var record))
            read.Add(record.Offset);
        Turn();
        return read;
    }

    public void Say(in ShareRecord<string, string> record, sbyte type)
    {
        Assert.True(Queue.Acknowledge((AcquiredBatch)record.Acquired!, record.Index, type));
        Turn();
    }

    /// <summary>What is told of a partition in an answer.</summary>
    public readonly record struct Row(
        int Partition, byte[]? Records, (long First, long Last)[] Ranges, ErrorCode Error = ErrorCode.None, ErrorCode AcknowledgeError = ErrorCode.None);

    sealed class NoRun : Dispatch
    {
        public override void Run()
        {
        }
    }
}
