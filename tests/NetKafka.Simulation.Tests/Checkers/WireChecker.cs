using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Looks at every request that a broker reads: the rules of the wire (P20), and a line of story for each.</summary>
sealed class WireChecker(SimScheduler scheduler, ClusterMachine machine, GroupHistory group, Violations violations)
{
    // The broker remembers five batches of a producer.
    const int MostInFlight = 5;

    // Offsets in a record batch of format 2, by hand: the checker trusts no code of the client.
    const int CrcAt = 17;
    const int SummedAt = 21;
    const int ProducerIdAt = 43;
    const int EpochAt = 51;
    const int SequenceAt = 53;
    const int CountAt = 57;

    readonly ClusterState _cluster = machine.Cluster;
    readonly Dictionary<BatchKey, uint> _batches = [];

    public long Requests { get; private set; }

    public void OnRequest(in RequestInfo request)
    {
        Requests++;
        switch (request.ApiKey)
        {
            case ApiKey.Produce:
                if (TryRead<ProduceRequest, ProduceResponse>(request, out var produce))
                    CheckProduce(request, produce);
                break;
            case ApiKey.OffsetCommit:
                if (TryRead<OffsetCommitRequest, OffsetCommitResponse>(request, out var commit))
                    CheckCommit(request, commit);
                break;
            default:
                scheduler.Story?.Add(scheduler.Now, $"{Describe(request)}");
                break;
        }
    }

    bool TryRead<TRequest, TResponse>(in RequestInfo request, [NotNullWhen(true)] out TRequest? message)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        message = null;
        try
        {
            var reader = new KafkaReader(request.Frame, "RequestHeader", 1);
            reader.ReadInt64();
            reader.ReadNullableString();
            if (TRequest.RequestHeaderVersion(request.Version) >= 2)
                reader.SkipTags();
            var body = new KafkaReader(request.Frame[reader.Position..], TRequest.Name, request.Version);
            message = TRequest.Read(ref body, request.Version);
            return true;
        }
        catch (MalformedMessageException bad)
        {
            violations.Add("P20 wire", $"a request cannot be read: {bad.Message}");
            return false;
        }
    }

    void CheckCommit(in RequestInfo request, OffsetCommitRequest commit)
    {
        var coordinated = _cluster.Groups.CoordinatorOf(commit.GroupId) == request.NodeId ? _cluster.Groups.Find(commit.GroupId) : null;
        var counts = coordinated is not null && coordinated.Generation == commit.GenerationIdOrMemberEpoch
            && coordinated.Members.Any(member => member.MemberId == commit.MemberId);
        foreach (var topic in commit.Topics)
        {
            var name = _cluster.FindTopic(topic.TopicId)?.Name ?? topic.Name;
            foreach (var partition in topic.Partitions)
            {
                scheduler.Story?.Add(scheduler.Now, $"{Describe(request)}: {name}-{partition.PartitionIndex}@{partition.CommittedOffset} in generation {commit.GenerationIdOrMemberEpoch}");
                group.Commit(request.ClientId ?? "", name, partition.PartitionIndex, partition.CommittedOffset);
                if (coordinated is not null && !counts)
                    group.CommitTooLate(name, partition.PartitionIndex, partition.CommittedOffset);
                if (counts && coordinated!.Offsets.Find(name, partition.PartitionIndex) is { } before && before.Offset > partition.CommittedOffset)
                    violations.Add("P10 commits do not go back",
                        $"{request.ClientId} commits {name}-{partition.PartitionIndex}@{partition.CommittedOffset} behind {before.Offset}");
            }
        }
    }

    void CheckProduce(in RequestInfo request, ProduceRequest produce)
    {
        if (machine.CountWaiting(request.Connection) is > MostInFlight and var waiting)
            violations.Add("P20 wire", $"{request.ClientId} has {waiting} Produce requests under way to node {request.NodeId}");
        var seen = new HashSet<(string, Guid, int)>();
        foreach (var topic in produce.TopicData)
        {
            foreach (var partition in topic.PartitionData)
            {
                var bytes = (partition.Records ?? default).Span;
                scheduler.Story?.Add(scheduler.Now, $"{Describe(request)}: {topic.Name}{topic.TopicId}-{partition.Index} {DescribeBatch(bytes)}");
                if (!seen.Add((topic.Name, topic.TopicId, partition.Index)))
                    violations.Add("P20 wire", $"a Produce request names {topic.Name}-{partition.Index} twice");
                CheckBatch(_cluster.FindTopic(topic.TopicId) ?? _cluster.FindTopic(topic.Name), partition.Index, bytes);
            }
        }
    }

    void CheckBatch(Topic? topic, int partition, ReadOnlySpan<byte> batch)
    {
        if (batch.Length < CountAt + sizeof(int))
        {
            violations.Add("P20 wire", $"a batch for {topic?.Name}-{partition} has {batch.Length} bytes");
            return;
        }
        if (topic?.Find(partition) is not { } written || BinaryPrimitives.ReadInt64BigEndian(batch[ProducerIdAt..]) < 0)
            return;
        var key = new BatchKey(
            topic.Name, partition, BinaryPrimitives.ReadInt64BigEndian(batch[ProducerIdAt..]),
            BinaryPrimitives.ReadInt16BigEndian(batch[EpochAt..]), BinaryPrimitives.ReadInt32BigEndian(batch[SequenceAt..]));
        var crc = BinaryPrimitives.ReadUInt32BigEndian(batch[CrcAt..]);
        if (crc != Crc32Castagnoli.Compute(batch[SummedAt..]))
            violations.Add("P22 no buffer is used again", $"a batch for {topic.Name}-{partition} does not have the bytes that were summed");
        if (_batches.TryGetValue(key, out var before) && before != crc && IsWritten(written.Log, key, crc))
            violations.Add("P20 retries are identical", $"{key} is written, and now other bytes come under its sequence");
        _batches[key] = crc;
    }

    /// <summary>A sequence may be given anew to other records only where nothing was written under it.</summary>
    static bool IsWritten(PartitionLog log, in BatchKey key, uint crc)
    {
        foreach (var batch in log.Batches)
        {
            var header = batch.Header;
            if (header.ProducerId == key.ProducerId && header.ProducerEpoch == key.Epoch && header.BaseSequence == key.Sequence && header.Crc != crc)
                return true;
        }
        return false;
    }

    static string Describe(in RequestInfo request) =>
        $"{request.ClientId} asks node {request.NodeId}: {request.ApiKey} v{request.Version} (correlation id {request.CorrelationId}, broker's connection {request.Connection})";

    static string DescribeBatch(ReadOnlySpan<byte> batch) => batch.Length < CountAt + sizeof(int)
        ? $"{batch.Length} bytes"
        : $"producer {BinaryPrimitives.ReadInt64BigEndian(batch[ProducerIdAt..])}:{BinaryPrimitives.ReadInt16BigEndian(batch[EpochAt..])}"
            + $" sequence {BinaryPrimitives.ReadInt32BigEndian(batch[SequenceAt..])} of {BinaryPrimitives.ReadInt32BigEndian(batch[CountAt..])} records";

    readonly record struct BatchKey(string Topic, int Partition, long ProducerId, short Epoch, int Sequence);
}
