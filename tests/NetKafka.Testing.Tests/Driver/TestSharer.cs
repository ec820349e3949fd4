using NetKafka.Protocol;
using NetKafka.Protocol.Messages;
using Request = NetKafka.Protocol.Messages.ShareGroupHeartbeatRequest;
using Response = NetKafka.Protocol.Messages.ShareGroupHeartbeatResponse;

namespace NetKafka.Testing.Tests.Driver;

/// <summary>One member of a share group with a connection to its coordinator and one to a leader, which does only what it is told.</summary>
sealed class TestSharer
{
    internal const short FetchVersion = 2;
    readonly MachineDriver driver;
    readonly string group;

    internal TestSharer(MachineDriver driver, string id, string group = "group", int? leader = null)
    {
        (this.driver, this.group, Id) = (driver, group, id);
        Coordinator = driver.Connect(driver.Cluster.Groups.CoordinatorOf(group));
        Leader = driver.Connect(leader ?? MachineDriver.Node);
    }

    internal int Coordinator { get; private set; }

    internal int Leader { get; private set; }

    internal string Id { get; }

    internal int Epoch { get; private set; }

    internal int SessionEpoch { get; set; }

    /// <summary>What it was last told to read, as "topic-partition" in order.</summary>
    internal string[] Assigned { get; private set; } = [];

    internal Response Join(params string[] topics) => Beat(new Request { GroupId = group, MemberId = Id, SubscribedTopicNames = topics });

    internal Response Beat() => Beat(new Request { GroupId = group, MemberId = Id, MemberEpoch = Epoch });

    internal Response Leave() => Beat(new Request { GroupId = group, MemberId = Id, MemberEpoch = -1 });

    internal Response Beat(Request request)
    {
        var answer = driver.Ask(Coordinator, request, 1);
        if (answer.ErrorCode == ErrorCode.None && answer.MemberEpoch >= 0)
        {
            Epoch = answer.MemberEpoch;
            if (answer.Assignment is { } assignment)
            {
                Assigned = [.. assignment.TopicPartitions.SelectMany(topic => topic.Partitions
                    .Select(partition => $"{driver.Cluster.FindTopic(topic.TopicId)?.Name}-{partition}")).Order(StringComparer.Ordinal)];
            }
        }

        return answer;
    }

    internal void ReachCoordinator() => Coordinator = driver.Connect(driver.Cluster.Groups.CoordinatorOf(group));

    /// <summary>Goes to another broker, with a session that is to begin there.</summary>
    internal void ReachLeader(int node)
    {
        driver.Machine.Disconnect(Leader, driver.NowMs);
        (Leader, SessionEpoch) = (driver.Connect(node), 0);
    }

    internal void Disconnect()
    {
        driver.Machine.Disconnect(Leader, driver.NowMs);
        SessionEpoch = 0;
    }

    internal ShareFetchRequest Fetching(Guid topicId, int maxRecords = 500, int maxWaitMs = 0, bool isStrict = false) => new()
    {
        GroupId = group,
        MemberId = Id,
        ShareSessionEpoch = SessionEpoch,
        MaxWaitMs = maxWaitMs,
        MinBytes = 1,
        MaxBytes = 1_000_000,
        MaxRecords = maxRecords,
        BatchSize = maxRecords,
        ShareAcquireMode = (sbyte)(isStrict ? 1 : 0),
        Topics = [new() { TopicId = topicId, Partitions = [new()] }],
    };

    /// <summary>What it acquires at once.</summary>
    internal (long First, long Last, int Count)[] Fetch(Guid topicId, int maxRecords = 500, bool isStrict = false)
    {
        var answer = driver.Ask(Leader, Fetching(topicId, maxRecords, isStrict: isStrict), FetchVersion);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        SessionEpoch++;
        return Ranges(answer);
    }

    internal ErrorCode Acknowledge(Guid topicId, params (long First, long Last, sbyte Type)[] ranges)
    {
        var answer = driver.Ask(Leader, Acknowledging(topicId, ranges), FetchVersion);
        if (answer.ErrorCode != ErrorCode.None)
            return answer.ErrorCode;
        SessionEpoch++;
        return answer.Responses.Single().Partitions.Single().ErrorCode;
    }

    internal ShareAcknowledgeRequest Acknowledging(Guid topicId, params (long First, long Last, sbyte Type)[] ranges) => new()
    {
        GroupId = group,
        MemberId = Id,
        ShareSessionEpoch = SessionEpoch,
        IsRenewAck = Array.Exists(ranges, static range => range.Type == 4),
        Topics = [new()
        {
            TopicId = topicId,
            Partitions = [new()
            {
                AcknowledgementBatches = [.. ranges.Select(static range => new ShareAcknowledgeRequest.AcknowledgementBatch
                {
                    FirstOffset = range.First, LastOffset = range.Last, AcknowledgeTypes = [range.Type],
                })],
            }],
        }],
    };

    internal ErrorCode EndSession()
    {
        var answer = driver.Ask(Leader, new ShareAcknowledgeRequest { GroupId = group, MemberId = Id, ShareSessionEpoch = -1 }, FetchVersion);
        SessionEpoch = 0;
        return answer.ErrorCode;
    }

    internal static (long First, long Last, int Count)[] Ranges(ShareFetchResponse answer) =>
        [.. answer.Responses.SelectMany(static topic => topic.Partitions).SelectMany(static row => row.AcquiredRecords)
            .Select(static range => (range.FirstOffset, range.LastOffset, (int)range.DeliveryCount))];
}
