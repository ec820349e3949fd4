using NetKafka.Consuming;
using NetKafka.Internal.Consuming.Assignors;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Internal.Consuming.Groups;

/// <summary>
/// What members of a consumer group tell each other through the coordinator. It is peers' input: whatever cannot be read is
/// left out, and a version from the future is read as the newest one known, since fields are only ever added.
/// </summary>
static class GroupMessages
{
    public const string ProtocolType = "consumer";
    const int VersionBytes = sizeof(short);
    const short FirstVersionWithGeneration = 2;

    /// <summary>What this member says of itself for one assignor.</summary>
    /// <param name="topics">What it wants to read.</param>
    /// <param name="owned">What it reads.</param>
    /// <param name="generation">The generation that it is in; −1 in none.</param>
    /// <param name="assignor">The assignor.</param>
    /// <param name="last">What it was given last, though it may have given it up since.</param>
    /// <param name="rack">Where it runs (KIP-881); null where it does not tell.</param>
    public static byte[] Subscription(
        IReadOnlyList<string> topics, IReadOnlyCollection<TopicPartition> owned, int generation, PartitionAssignor assignor,
        Ownership? last = null, string? rack = null)
    {
        var version = ConsumerProtocolSubscription.HighestVersion;
        var writer = new KafkaWriter();
        writer.WriteInt16(version);
        new ConsumerProtocolSubscription
        {
            Topics = [.. topics],
            UserData = assignor.UserData(generation, last ?? Ownership.None),
            OwnedPartitions = [.. owned.GroupBy(partition => partition.Topic).Select(topic => new ConsumerProtocolSubscription.TopicPartition
            {
                Topic = topic.Key, Partitions = [.. topic.Select(partition => partition.Partition)],
            })],
            GenerationId = generation,
            RackId = rack,
        }.Write(writer, version);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>What a member said of itself; one that cannot be read wants nothing and owns nothing.</summary>
    public static MemberSubscription ReadSubscription(string memberId, string? instanceId, byte[] metadata, PartitionAssignor assignor)
    {
        try
        {
            var (reader, version) = Open(metadata, ConsumerProtocolSubscription.Name, ConsumerProtocolSubscription.HighestVersion);
            var said = ConsumerProtocolSubscription.Read(ref reader, version);
            var owned = said.OwnedPartitions
                .SelectMany(topic => topic.Partitions.Where(partition => partition >= 0).Select(partition => new TopicPartition(topic.Topic, partition)))
                .Distinct().ToList();
            var ownership = assignor.ReadOwnership(
                new Ownership(owned, version >= FirstVersionWithGeneration ? Math.Max(-1, said.GenerationId) : -1),
                version >= FirstVersionWithGeneration, said.UserData);
            return new MemberSubscription(
                memberId, instanceId, [.. said.Topics.Where(topic => topic.Length > 0).Distinct()], ownership.Partitions, ownership.Generation)
            {
                Rack = string.IsNullOrEmpty(said.RackId) ? null : said.RackId, UserData = said.UserData ?? [],
            };
        }
        catch (MalformedMessageException)
        {
            return new MemberSubscription(memberId, instanceId, [], [], -1);
        }
    }

    public static byte[] Assignment(IEnumerable<TopicPartition> partitions, ReadOnlyMemory<byte> userData = default)
    {
        var version = ConsumerProtocolAssignment.HighestVersion;
        var writer = new KafkaWriter();
        writer.WriteInt16(version);
        new ConsumerProtocolAssignment
        {
            AssignedPartitions = [.. partitions.GroupBy(partition => partition.Topic).Select(topic => new ConsumerProtocolAssignment.TopicPartition
            {
                Topic = topic.Key, Partitions = [.. topic.Select(partition => partition.Partition)],
            })],
            UserData = userData.IsEmpty ? null : userData.ToArray(),
        }.Write(writer, version);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>What the leader said beside the share; empty where it said nothing.</summary>
    /// <exception cref="MalformedMessageException">The leader wrote something else.</exception>
    public static byte[] ReadAssignmentUserData(byte[] assignment)
    {
        if (assignment.Length == 0)
            return [];
        var (reader, version) = Open(assignment, ConsumerProtocolAssignment.Name, ConsumerProtocolAssignment.HighestVersion);
        return ConsumerProtocolAssignment.Read(ref reader, version).UserData ?? [];
    }

    /// <summary>The share that the leader gave; none of it where no member was given anything.</summary>
    /// <exception cref="MalformedMessageException">The leader wrote something else.</exception>
    public static SortedSet<TopicPartition> ReadAssignment(byte[] assignment)
    {
        var partitions = new SortedSet<TopicPartition>();
        if (assignment.Length == 0)
            return partitions;
        var (reader, version) = Open(assignment, ConsumerProtocolAssignment.Name, ConsumerProtocolAssignment.HighestVersion);
        foreach (var topic in ConsumerProtocolAssignment.Read(ref reader, version).AssignedPartitions)
        {
            foreach (var partition in topic.Partitions)
            {
                if (partition >= 0 && topic.Topic.Length > 0)
                    partitions.Add(new TopicPartition(topic.Topic, partition));
            }
        }
        return partitions;
    }

    static Opened Open(byte[] bytes, string name, short newest)
    {
        var head = new KafkaReader(bytes, name, newest);
        var version = head.ReadInt16();
        if (version < 0)
            head.Fail($"its version is {version}");
        var known = Math.Min(version, newest);
        return new Opened(new KafkaReader(bytes.AsMemory(VersionBytes), name, known), known);
    }

    /// <summary>A reader that stands behind the version.</summary>
    readonly ref struct Opened(KafkaReader reader, short version)
    {
        readonly KafkaReader _reader = reader;

        public void Deconstruct(out KafkaReader opened, out short known)
        {
            opened = _reader;
            known = version;
        }
    }
}
