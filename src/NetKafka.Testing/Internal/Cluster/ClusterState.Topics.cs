using NetKafka.Protocol;

namespace NetKafka.Testing.Internal.Cluster;

/// <content>Creating, growing and deleting topics.</content>
sealed partial class ClusterState
{
    const int MaxNameLength = 249;
    const int MaxPartitionsPerRequest = 10_000;
    const string TooManyPartitions = "Excessively large number of partitions per request.";

    /// <summary>Whether a name can be a topic's: letters, digits, '.', '_' and '-', at most 249, neither "." nor "..".</summary>
    internal static bool IsLegalName(string name) =>
        name is { Length: > 0 and <= MaxNameLength } and not ("." or "..")
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>
    /// Creates a topic. A count of partitions or a replication factor of -1 takes the cluster's default.
    /// </summary>
    internal TopicResult CreateTopic(TopicOrder order)
    {
        if (Check(order) is { } refusal)
            return refusal;
        var topic = new Topic(order.Name, NewId());
        foreach (var (name, value) in order.Configs)
        {
            if (!topic.Settings.TrySet(name, value, out var problem))
                return TopicResult.Refused(ErrorCode.InvalidConfig, problem);
        }

        foreach (var replicas in order.Assignments ?? Assign(order, PartitionCountOf(order)))
            AddPartition(topic, replicas);
        if (order.ValidateOnly)
            return new TopicResult(ErrorCode.None, null, topic);
        topics.Add(topic.Name, topic);
        topicsById.Add(topic.Id, topic);
        TopicsCreated++;
        TopicsEpoch++;
        OnChanged();
        return new TopicResult(ErrorCode.None, null, topic);
    }

    internal ErrorCode DeleteTopic(string name, long nowMs)
    {
        if (!topics.Remove(name, out var topic))
            return ErrorCode.UnknownTopicOrPartition;
        topicsById.Remove(topic.Id);
        topic.IsDeleted = true;
        TopicsEpoch++;
        OnChanged();
        Groups.OnTopicDeleted(topic);
        Shares.OnTopicDeleted(topic);
        foreach (var partition in topic.Partitions)
            NotifyWaiters(partition, nowMs);
        return ErrorCode.None;
    }

    internal TopicResult AddPartitions(string name, int count, int[][]? assignments, bool validateOnly)
    {
        if (FindTopic(name) is not { } topic)
            return TopicResult.Refused(ErrorCode.UnknownTopicOrPartition, null);
        var added = count - topic.Partitions.Count;
        if (added <= 0)
            return new TopicResult(
                ErrorCode.InvalidPartitions,
                $"The topic {name} currently has {topic.Partitions.Count} partition(s); {count} would not be an increase.",
                topic);
        if (added > MaxPartitionsPerRequest)
            return new TopicResult(ErrorCode.PolicyViolation, TooManyPartitions, topic);
        if (assignments is not null && (assignments.Length != added || !assignments.All(IsLegalAssignment)))
            return new TopicResult(ErrorCode.InvalidReplicaAssignment, "The assignment does not fit the partitions.", topic);
        if (validateOnly)
            return new TopicResult(ErrorCode.None, null, topic);
        var factor = topic.Partitions[0].Replicas.Length;
        for (var i = 0; i < added; i++)
            AddPartition(topic, assignments?[i] ?? Spread(topic.Partitions.Count, factor));
        TopicsEpoch++;
        OnChanged();
        return new TopicResult(ErrorCode.None, null, topic);
    }

    TopicResult? Check(TopicOrder order)
    {
        if (!IsLegalName(order.Name))
            return TopicResult.Refused(ErrorCode.InvalidTopicException, $"Topic name is invalid: {order.Name}");
        if (topics.ContainsKey(order.Name))
            return TopicResult.Refused(ErrorCode.TopicAlreadyExists, $"Topic '{order.Name}' already exists.");
        if (order.Assignments is not null)
        {
            return order.Assignments.Length > 0 && order.Assignments.All(IsLegalAssignment)
                ? null
                : TopicResult.Refused(
                    ErrorCode.InvalidReplicaAssignment, "An assignment names no broker, one twice, or an unknown one.");
        }

        if (order.Partitions is 0 or < -1)
        {
            return TopicResult.Refused(
                ErrorCode.InvalidPartitions, "Number of partitions was set to an invalid non-positive value.");
        }


        if (order.Partitions > MaxPartitionsPerRequest)
            return TopicResult.Refused(ErrorCode.PolicyViolation, TooManyPartitions);
        if (order.ReplicationFactor is 0 or < -1)
        {
            return TopicResult.Refused(
                ErrorCode.InvalidReplicationFactor,
                "Replication factor must be larger than 0, or -1 to use the default value.");
        }


        var live = brokers.Values.Count(broker => broker.IsUp);
        return order.ReplicationFactor > live || live == 0
            ? TopicResult.Refused(
                ErrorCode.InvalidReplicationFactor,
                $"Unable to replicate the partition {order.ReplicationFactor} time(s): The target replication factor of "
                + $"{order.ReplicationFactor} cannot be reached because only {live} broker(s) are registered.")
            : null;
    }

    bool IsLegalAssignment(int[] replicas) =>
        replicas.Length > 0 && replicas.Distinct().Count() == replicas.Length && replicas.All(IsRegistered);

    int PartitionCountOf(TopicOrder order) => order.Partitions < 0 ? Settings.DefaultPartitions : order.Partitions;

    IEnumerable<int[]> Assign(TopicOrder order, int partitions)
    {
        var live = brokers.Values.Count(broker => broker.IsUp);
        var factor = order.ReplicationFactor < 0 ? Math.Min(Settings.DefaultReplicationFactor, live) : order.ReplicationFactor;
        for (var i = 0; i < partitions; i++)
            yield return Spread(topics.Count + i, factor);
    }

    /// <summary>Replicas of one partition: running brokers in turn, from a place that moves on by one each partition.</summary>
    int[] Spread(int from, int factor)
    {
        var live = brokers.Values.Where(broker => broker.IsUp).Select(broker => broker.NodeId).ToArray();
        var replicas = new int[Math.Min(factor, live.Length)];
        for (var i = 0; i < replicas.Length; i++)
            replicas[i] = live[(from + i) % live.Length];
        return replicas;
    }

    void AddPartition(Topic topic, int[] replicas)
    {
        var partition = new Partition(topic, topic.Partitions.Count, replicas);
        // Where none can, the first waits until it can.
        if (partition.InSync.Exists(node => CanServe(partition, node)))
            partition.InSync.RemoveAll(node => !CanServe(partition, node));
        else
            partition.InSync.RemoveRange(1, partition.InSync.Count - 1);
        partition.Leader = partition.InSync.Find(node => CanServe(partition, node), Partition.NoLeader);
        topic.Partitions.Add(partition);
    }
}
