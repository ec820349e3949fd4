using NetKafka.Consuming;
using NetKafka.Internal.Connections;
using NetKafka.Internal.Consuming;
using NetKafka.Internal.Consuming.Reading;
using NetKafka.Internal.Kernel;
using NetKafka.Protocol;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Messages;
using NetKafka.Serialization;
using NetKafka.Tests.Consuming;
using NetKafka.Tests.Support;
using static NetKafka.Tests.Consuming.ConsumerHarness;

namespace NetKafka.Simulation.Tests.Machines;

/// <summary>
/// Bugs of ways to read that no scenario of the simulation takes: each beside what its machine has to do by hand-made time, which is so of
/// the client as it is shipped and not of one with the bug. No seeds are run for them.
/// </summary>
static class MachineBugs
{
    /// <summary>What has to hold, by the bug with which it does not.</summary>
    public static SortedDictionary<Bug, Func<bool>> Rules { get; } = new()
    {
        [Bug.OutOfRangeBeginsLikeANewGroup] = PlaceToGoOnIsARuleOfItsOwn,
        [Bug.RecordBeforeTheEndIsMissed] = RecordWrittenWhileTheEndIsAskedForIsRead,
        [Bug.EndIsToldWithEachAnswer] = EndIsToldOnce,
        [Bug.PolledRecordsAreFinishedAtOnce] = PolledRecordsAreFinishedWithTheNextPoll,
        [Bug.NewPartitionIsReadFromItsEnd] = NewPartitionIsReadFromItsBeginning,
        [Bug.BoundIsReachedByRecordsAlone] = BoundInAGapIsReached,
        [Bug.DeadReplicaIsWaitedFor] = DeadReplicaIsLeftForTheLeader,
    };

    static bool PlaceToGoOnIsARuleOfItsOwn()
    {
        var it = Assigned(77, options => (options.AutoOffsetReset, options.OutOfRangeReset) = (AutoOffsetReset.Latest, AutoOffsetReset.Earliest));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.OffsetOutOfRange, [])));
        return TimestampAsked(it) == AssignedPartition.LookupEarliest;
    }

    static bool RecordWrittenWhileTheEndIsAskedForIsRead()
    {
        var it = Assigned(0);
        it.Call((call, effects) => it.Machine.Seek(P(0), 1234, call, effects));
        // The second answer is the end behind a record that was written since the first; a third question finds that record.
        foreach (var found in new long[] { -1, 99, 98 })
        {
            if (it.Count(ApiKey.ListOffsets) > 0)
                it.Answer(it.Take(ApiKey.ListOffsets), Listed(found));
        }
        return it.Queue.PositionOf(it.Assignment.Snapshot[0]).Offset == 98;
    }

    static bool EndIsToldOnce()
    {
        var it = Assigned(1000, options => options.OnPartitionEnd = static (_, _) => default);
        var ends = 0;
        for (var i = 0; i < 2; i++)
        {
            it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, [])));
            while (it.Reader.TryNext(out _) || it.Reader.TryTakeEnd(out _))
                ends++;
        }
        return ends == 1;
    }

    static bool PolledRecordsAreFinishedWithTheNextPoll()
    {
        var it = Assigned(0);
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, Batch(0, 3))));
        var polls = new PollReader<string, string>(it.Queue, new CompressionPool(), isReadCommitted: false, new(Serdes.String, Serdes.String));
        polls.Take([], 2);
        return it.Queue.PositionOf(it.Assignment.Snapshot[0]).Offset == 0;
    }

    static bool NewPartitionIsReadFromItsBeginning()
    {
        var it = new ConsumerHarness(isSubscribed: false, partitions: 1);
        it.Call((call, _) => it.Machine.AssignTopics(new Dictionary<string, int> { [Topic] = 1 }, AssignedPartition.LookupLatest, call));
        it.Answer(it.Take(ApiKey.ListOffsets), Listed(10));
        it.ShowTopic(2, 5);
        it.Turn();
        return TimestampAsked(it) == AssignedPartition.LookupEarliest;
    }

    static bool BoundInAGapIsReached()
    {
        var it = new ConsumerHarness(isSubscribed: false);
        it.Call((call, _) => it.Machine.AssignFrom([new PartitionStart(P(0), new TopicPartitionOffset(P(0), 0)) { Bound = 5 }], call));
        it.Answer(it.Take(ApiKey.Fetch), Fetched(7, (0, ErrorCode.None, [.. Batch(0, 2), .. EndOfTransaction(4, 9, isCommit: true)])));
        it.ReadAll();
        return it.Reader.TryTakeEnd(out var end) && end.Offset == 5;
    }

    static bool DeadReplicaIsLeftForTheLeader()
    {
        var it = Following();
        it.Fail(it.Take(ApiKey.Fetch), RequestFailureReason.Lost);
        return it.Cluster.Sent.Any(static sent => sent.Request.ApiKey == ApiKey.Fetch && sent.Target.NodeId == 1);
    }

    static ConsumerHarness Assigned(long offset, Action<ConsumerOptions>? configure = null)
    {
        var it = new ConsumerHarness(configure, isSubscribed: false);
        it.Call((call, _) => it.Machine.Assign([new TopicPartitionOffset(P(0), offset)], call));
        return it;
    }

    /// <summary>Fetches from broker 2, which broker 1 has named.</summary>
    static ConsumerHarness Following()
    {
        var it = Assigned(0);
        var hint = Fetched(7, (0, ErrorCode.None, []));
        hint.Responses[0].Partitions[0].PreferredReadReplica = 2;
        it.Answer(it.Take(ApiKey.Fetch), hint);
        return it;
    }

    static long TimestampAsked(ConsumerHarness it) => it.Take(ApiKey.ListOffsets).Read<ListOffsetsRequest>().Topics[0].Partitions[0].Timestamp;

    static ListOffsetsResponse Listed(long offset) =>
        new() { Topics = [new() { Name = Topic, Partitions = [new() { PartitionIndex = 0, Offset = offset, LeaderEpoch = 5 }] }] };
}
