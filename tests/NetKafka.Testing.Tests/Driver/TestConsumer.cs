using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using Request = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.ConsumerGroupHeartbeatResponse;

namespace NetKafka.Testing.Tests.Driver;

/// <summary>One member of a group of the consumer protocol on a connection of its own, which does only what it is told.</summary>
sealed class TestConsumer
{
    internal const int RebalanceMs = 30_000;
    internal const int SessionMs = 45_000;
    readonly MachineDriver driver;
    readonly string group;

    internal TestConsumer(MachineDriver driver, string id, string? instanceId = null, string group = "group")
    {
        (this.driver, this.group, Id, InstanceId) = (driver, group, id, instanceId);
        Connection = driver.Connect(driver.Cluster.Groups.CoordinatorOf(group));
    }

    internal int Connection { get; private set; }

    internal string Id { get; set; }

    internal string? InstanceId { get; }

    internal int Epoch { get; private set; }

    /// <summary>What it was last told to have, as "topic-partition" in order.</summary>
    internal string[] Assigned { get; private set; } = [];

    /// <summary>The same in the form in which it says what it has.</summary>
    internal Request.TopicPartitionsData[] Owned { get; private set; } = [];

    internal void Reconnect()
    {
        driver.Machine.Disconnect(Connection, driver.NowMs);
        Connection = driver.Connect(driver.Cluster.Groups.CoordinatorOf(group));
    }

    internal Response Join(params string[] topics) => Take(Ask(JoinRequest(topics)));

    internal Response JoinByRegex(string regex) => Take(Ask(JoinRequest(null, regex)));

    /// <summary>Says nothing but that it is there.</summary>
    internal Response Beat() => Take(Ask(BeatRequest()));

    /// <summary>Says what it has, which is all that it was last told to have and nothing else.</summary>
    internal Response Acknowledge()
    {
        var request = BeatRequest();
        request.TopicPartitions = Owned;
        return Take(Ask(request));
    }

    internal Response Subscribe(params string[] topics)
    {
        var request = BeatRequest();
        request.SubscribedTopicNames = topics;
        return Take(Ask(request));
    }

    internal Response Leave(int epoch = -1) => Ask(new Request { GroupId = group, MemberId = Id, InstanceId = InstanceId, MemberEpoch = epoch });

    internal Response Ask(Request request, short version = 1) => driver.Ask(Connection, request, version);

    internal Request JoinRequest(string[]? topics, string? regex = null) => new()
    {
        GroupId = group,
        MemberId = Id,
        InstanceId = InstanceId,
        RebalanceTimeoutMs = RebalanceMs,
        SubscribedTopicNames = topics,
        SubscribedTopicRegex = regex,
        TopicPartitions = [],
    };

    internal Request BeatRequest() => new() { GroupId = group, MemberId = Id, InstanceId = InstanceId, MemberEpoch = Epoch };

    internal ErrorCode Commit(string topic, long offset, int? epoch = null, int partition = 0, short version = 9) => driver.Ask(
        Connection,
        new OffsetCommitRequest
        {
            GroupId = group,
            GenerationIdOrMemberEpoch = epoch ?? Epoch,
            MemberId = Id,
            GroupInstanceId = InstanceId,
            Topics = [new() { Name = topic, Partitions = [new() { PartitionIndex = partition, CommittedOffset = offset }] }],
        },
        version).Topics[0].Partitions[0].ErrorCode;

    /// <summary>Lets members say what they have until nobody is told anything new.</summary>
    internal static void Settle(params TestConsumer[] members)
    {
        for (var round = 0; round < 10; round++)
        {
            var hasNews = false;
            foreach (var member in members)
                hasNews |= member.Acknowledge().Assignment is not null;
            if (!hasNews)
                return;
        }

        Assert.Fail("The group does not settle.");
    }

    Response Take(Response answer)
    {
        if (answer.ErrorCode != ErrorCode.None)
            return answer;
        (Id, Epoch) = (answer.MemberId!, answer.MemberEpoch);
        if (answer.Assignment is not { } assignment)
            return answer;
        Assigned = [.. assignment.TopicPartitions
            .SelectMany(topic => topic.Partitions.Select(partition => $"{driver.Cluster.FindTopic(topic.TopicId)?.Name}-{partition}"))
            .Order(StringComparer.Ordinal)];
        Owned = [.. assignment.TopicPartitions.Select(topic => new Request.TopicPartitionsData { TopicId = topic.TopicId, Partitions = topic.Partitions })];
        return answer;
    }
}
