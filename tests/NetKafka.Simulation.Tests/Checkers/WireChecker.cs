using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using NetKafka.Simulation.Tests.Engine;
using NetKafka.Simulation.Tests.Histories;
using NetKafka.Testing.Internal;
using NetKafka.Testing.Internal.Cluster;
using NetKafka.Testing.Internal.ConsumerGroups;
using NetKafka.Testing.Internal.Groups;
using NetKafka.Testing.Internal.Logs;

namespace NetKafka.Simulation.Tests.Checkers;

/// <summary>Looks at every request that a broker reads: the rules of the wire (P20), and a line of story for each.</summary>
sealed class WireChecker(SimScheduler scheduler, ClusterMachine machine, GroupHistory group, History history, Violations violations)
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
    readonly Dictionary<BatchKey, List<byte[]>> _batches = [];
    readonly RecordBytes _compression = new();
    readonly Dictionary<string, int> _commitsFrom = [];
    readonly HashSet<string> _members = [];
    readonly Dictionary<(string Client, int Node), int> _producesFrom = [];

    public long Requests { get; private set; }

    public void OnRequest(in RequestInfo request)
    {
        Requests++;
        // These two tell it partition by partition.
        if (request.ApiKey is not (ApiKey.Produce or ApiKey.OffsetCommit))
            scheduler.Story?.Add(scheduler.Now, $"{Describe(request)}");
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
            case ApiKey.Heartbeat:
                if (TryRead<HeartbeatRequest, HeartbeatResponse>(request, out var heartbeat))
                    NoteExpelled(request, heartbeat.GroupId, heartbeat.MemberId);
                break;
            case ApiKey.ConsumerGroupHeartbeat:
                if (TryRead<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(request, out var pulse))
                    CheckPulse(request, pulse);
                break;
            case ApiKey.SyncGroup:
                if (TryRead<SyncGroupRequest, SyncGroupResponse>(request, out var sync))
                    _members.Add(sync.MemberId);
                break;
            case ApiKey.JoinGroup:
                // One that is asked to come again with its new id is no member yet.
                if (TryRead<JoinGroupRequest, JoinGroupResponse>(request, out var join) && _members.Contains(join.MemberId))
                    NoteExpelled(request, join.GroupId, join.MemberId);
                break;
        }
    }

    /// <summary>Whether offsets are set by administrators, who have read nothing, so that no rule of readers' commits is theirs.</summary>
    public bool HasAdministrators { get; set; }

    /// <summary>A request is held, and will be worked off though its client may have given it up: a commit behind newer ones, which takes them back.</summary>
    public void OnHeld(in RequestInfo request)
    {
        if (request.ApiKey != ApiKey.OffsetCommit || !TryRead<OffsetCommitRequest, OffsetCommitResponse>(request, out var commit))
            return;
        foreach (var topic in commit.Topics)
        {
            foreach (var partition in topic.Partitions)
                group.MayTakeBack(_cluster.FindTopic(topic.TopicId)?.Name ?? topic.Name, partition.PartitionIndex);
        }
    }

    bool TryRead<TRequest, TResponse>(in RequestInfo request, [NotNullWhen(true)] out TRequest? message)
        where TRequest : class, IRequest<TRequest, TResponse>
        where TResponse : class, IMessage<TResponse>
    {
        message = null;
        try
        {
            message = RequestBody.Read<TRequest, TResponse>(request.Frame, request.Version);
            return true;
        }
        catch (MalformedMessageException bad)
        {
            violations.Add("P20 wire", $"a request cannot be read: {bad.Message}");
            return false;
        }
    }

    /// <summary>Who joins owns nothing, and a static member that goes means to come back (KIP-848).</summary>
    void CheckPulse(in RequestInfo request, ConsumerGroupHeartbeatRequest pulse)
    {
        if (pulse.MemberEpoch > 0)
            NoteExpelled(request, pulse.GroupId, pulse.MemberId);
        else if (pulse.MemberEpoch == MemberEpochs.Join && pulse.TopicPartitions is not { Length: 0 })
            violations.Add("P20 wire", $"{request.ClientId} joins group {pulse.GroupId} and says that it owns partitions");
        else if (pulse.MemberEpoch == MemberEpochs.Leave && pulse.InstanceId is not null)
            violations.Add("P20 wire", $"{request.ClientId} leaves group {pulse.GroupId} for good, and has the instance id {pulse.InstanceId}");
    }

    /// <summary>A member that the group went on without may hear of it after its last commit, or instead of it.</summary>
    void NoteExpelled(in RequestInfo request, string groupId, string memberId)
    {
        if (_cluster.Groups.CoordinatorOf(groupId) == request.NodeId
            && _cluster.Groups.Find(groupId)?.Members.Any(member => member.MemberId == memberId) != true)
            group.Expel(request.ClientId ?? "");
    }

    void CheckCommit(in RequestInfo request, OffsetCommitRequest commit)
    {
        if (HasAdministrators)
            return;
        var coordinated = _cluster.Groups.CoordinatorOf(commit.GroupId) == request.NodeId ? _cluster.Groups.Find(commit.GroupId) : null;
        var counts = coordinated is not null && Counts(coordinated, commit.MemberId, commit.GenerationIdOrMemberEpoch);
        var client = request.ClientId ?? "";
        var isLate = request.Connection < _commitsFrom.GetValueOrDefault(client);
        _commitsFrom[client] = Math.Max(request.Connection, _commitsFrom.GetValueOrDefault(client));
        foreach (var topic in commit.Topics)
        {
            var name = _cluster.FindTopic(topic.TopicId)?.Name ?? topic.Name;
            // One that is named by the id of a topic that is gone is refused.
            if (name.Length == 0)
                continue;
            foreach (var partition in topic.Partitions)
            {
                scheduler.Story?.Add(scheduler.Now, $"{Describe(request)}: {name}-{partition.PartitionIndex}@{partition.CommittedOffset} in generation {commit.GenerationIdOrMemberEpoch}");
                group.Commit(request.ClientId ?? "", name, partition.PartitionIndex, partition.CommittedOffset);
                if (counts && OwnerOf(coordinated!, name, partition.PartitionIndex) is { } owner && owner.MemberId != commit.MemberId)
                    violations.Add("P12 one owner",
                        $"{request.ClientId} commits {name}-{partition.PartitionIndex}@{partition.CommittedOffset}, which generation {commit.GenerationIdOrMemberEpoch} gives to {owner.ClientId}");
                // Between the answer to its join and that to its sync a member cannot commit either.
                if (coordinated is not null && (!counts || coordinated is ClassicGroup { State: GroupState.CompletingRebalance }))
                    group.CommitTooLate(name, partition.PartitionIndex, partition.CommittedOffset);
                // Bytes of a connection that was given up may come late, and name again what was sent again since: no client can help it.
                if (counts && isLate)
                    group.TakeBack(name, partition.PartitionIndex, partition.CommittedOffset);
                else if (counts && coordinated!.Offsets.Find(name, partition.PartitionIndex) is { } before && before.Offset > partition.CommittedOffset)
                    violations.Add("P10 commits do not go back",
                        $"{request.ClientId} commits {name}-{partition.PartitionIndex}@{partition.CommittedOffset} behind {before.Offset}");
            }
        }
    }

    /// <summary>Who was given a partition in the group's generation, as the group's leader has told its coordinator.</summary>
    IGroupMember? OwnerOf(Group group, string topic, int partition) => group switch
    {
        ClassicGroup classic => OwnerOf(classic, topic, partition),
        ConsumerGroup consumer when _cluster.FindTopic(topic) is { } found =>
            consumer.Members.FirstOrDefault(member => member.Holds(new TopicIdPartition(found.Id, partition))),
        _ => null,
    };

    /// <summary>Whether the coordinator counts a member, in what it takes for its generation or epoch.</summary>
    static bool Counts(Group group, string memberId, int epoch) => group switch
    {
        ClassicGroup classic => classic.Generation == epoch && classic.Members.Any(member => member.MemberId == memberId),
        ConsumerGroup consumer => consumer.Find(memberId)?.Epoch == epoch,
        _ => false,
    };

    static GroupMember? OwnerOf(ClassicGroup group, string topic, int partition)
    {
        if (group.State == GroupState.CompletingRebalance)
            return null;
        foreach (var member in group.Members)
        {
            if (member.Assignment.Length == 0)
                continue;
            // A version, and topics with their partitions.
            var reader = new KafkaReader(member.Assignment, "ConsumerProtocolAssignment", 0);
            reader.ReadInt16();
            for (var topics = reader.ReadInt32(); topics > 0; topics--)
            {
                var name = reader.ReadString();
                for (var partitions = reader.ReadInt32(); partitions > 0; partitions--)
                {
                    if (reader.ReadInt32() == partition && name == topic)
                        return member;
                }
            }
        }
        return null;
    }

    void CheckProduce(in RequestInfo request, ProduceRequest produce)
    {
        if (machine.CountWaiting(request.Connection) is > MostInFlight and var waiting)
            violations.Add("P20 wire", $"{request.ClientId} has {waiting} Produce requests under way to node {request.NodeId}");
        var from = (request.ClientId ?? "", request.NodeId);
        var isLate = request.Connection < _producesFrom.GetValueOrDefault(from);
        _producesFrom[from] = Math.Max(request.Connection, _producesFrom.GetValueOrDefault(from));
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
                if (isLate)
                    MarkLate(bytes.ToArray());
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
        var crc = BinaryPrimitives.ReadUInt32BigEndian(batch[CrcAt..]);
        if (crc != Crc32Castagnoli.Compute(batch[SummedAt..]))
        {
            violations.Add("P22 no buffer is used again", $"a batch for {topic?.Name}-{partition} does not have the bytes that were summed");
            return;
        }
        if (topic?.Find(partition) is not { } written || BinaryPrimitives.ReadInt64BigEndian(batch[ProducerIdAt..]) < 0)
            return;
        var epoch = new EpochKey(
            topic.Name, topic.Id, partition, BinaryPrimitives.ReadInt64BigEndian(batch[ProducerIdAt..]), BinaryPrimitives.ReadInt16BigEndian(batch[EpochAt..]));
        var key = new BatchKey(epoch, BinaryPrimitives.ReadInt32BigEndian(batch[SequenceAt..]));
        if (!_batches.TryGetValue(key, out var forms))
            _batches.Add(key, forms = []);
        if (forms.Count > 0 && !batch.SequenceEqual(forms[^1]))
            CheckAnotherForm(key, crc, batch.ToArray(), forms, written.Log);
        else if (forms.Count == 0)
            forms.Add(batch.ToArray());
    }

    /// <summary>Other bytes come under a sequence that has been used: those of a split batch, or of records that took it over.</summary>
    void CheckAnotherForm(in BatchKey key, uint crc, byte[] batch, List<byte[]> forms, PartitionLog log)
    {
        var first = FirstRecordOf(batch);
        // A part of a batch that was written whole is refused, which its sender cannot know.
        if (IsWritten(log, key, crc) && !forms.Exists(form => FirstRecordOf(form) == first))
            violations.Add("P20 retries are identical", $"{key} is written, and now other bytes come under its sequence");
        var place = forms.FindIndex(form => form.AsSpan().SequenceEqual(batch));
        // Who gave the sequence away before its own requests had all ended could be written in place of the new owner.
        if (place >= 0 && FirstRecordOf(forms[^1]) is var owner && owner != first)
            violations.Add("P7 no silent gap", $"{key} was given to record {owner}, and now record {first}, which had it before, comes under it");
        if (place >= 0)
            forms.RemoveAt(place);
        forms.Add(batch);
    }

    int FirstRecordOf(byte[] batch) => RecordsOf(batch) is [var first, ..] ? first : -1;

    List<int> RecordsOf(byte[] batch)
    {
        var ids = new List<int>();
        if (!_compression.TryOpen(batch, out var records))
            return ids;
        var walker = new RecordWalker(new BatchHeader(batch), records.Span);
        while (walker.MoveNext())
            ids.Add(walker.Value.Length >= 0 ? SentRecord.IdOf(records.Span.Slice(walker.Value.Start, walker.Value.Length)) : -1);
        return ids;
    }

    void MarkLate(byte[] batch)
    {
        if (batch.Length < BatchHeader.Size)
            return;
        foreach (var id in RecordsOf(batch))
        {
            if ((uint)id < (uint)history.Sent.Count)
                history.Sent[id].CameLate = true;
        }
    }

    /// <summary>Whether something else lies in the log under a sequence.</summary>
    static bool IsWritten(PartitionLog log, in BatchKey key, uint crc)
    {
        foreach (var batch in log.Batches)
        {
            var header = batch.Header;
            if (header.ProducerId == key.Epoch.ProducerId && header.ProducerEpoch == key.Epoch.Epoch && header.BaseSequence == key.Sequence && header.Crc != crc)
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

    readonly record struct EpochKey(string Topic, Guid TopicId, int Partition, long ProducerId, short Epoch);

    readonly record struct BatchKey(EpochKey Epoch, int Sequence)
    {
        public override string ToString() =>
            $"sequence {Sequence} of producer {Epoch.ProducerId}:{Epoch.Epoch} for {Epoch.Topic}-{Epoch.Partition}";
    }
}
