using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Share groups at the leaders of compacted topics: what becomes of offsets whose records are gone.</content>
public abstract partial class WireScenarios
{
    /// <summary>
    /// What was acquired and not persisted is a hole for the next leader. Where it begins with one and the records of the hole are gone, it never
    /// finds out that they are, so its start stays where it is: the partition is read up to the limit of locks, and no further.
    /// </summary>
    [Theory, Trait("Area", "Wire")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Share_partition_that_begins_with_a_hole_whose_records_are_gone_stands_still_at_the_limit_of_locks(bool isNextGone)
    {
        const int Limit = 100;
        await using var it = await ShareBench.On(await Begin(TopicSettings.SoonCompacted), 1);
        await it.Configure("share.partition.max.record.locks", $"{Limit}");
        await Produce("a", "b", "c");
        await AcquireAndVanish(it, "first", last: 2, accepted: 2);
        await (isNextGone ? Produce("a", "b", "c") : Produce("a", "b"));
        await it.Until(async () =>
        {
            await Produce("filler");
            it.Bench.Target.Compact(it.Topic);
            return await FirstInLog(it) >= (isNextGone ? 3 : 2);
        }, "the log is cleaned");
        await Produce([.. Enumerable.Range(0, 2 * Limit).Select(static number => $"{number}")]);

        var given = new List<(long First, long Last, int Count)>();
        for (var empty = 0; empty < 3;)
        {
            var ranges = await it.Fetch("second");
            foreach (var range in ranges)
                Assert.Equal(ErrorCode.None, await it.Acknowledge("second", (range.First, range.Last, [Accept])));
            given.AddRange(ranges);
            empty = ranges.Length > 0 ? 0 : empty + 1;
        }
        Assert.InRange(given[0].First, 3, Limit - 1);
        Assert.All(given, static range => Assert.Equal(1, range.Count));
        Assert.Equal(Limit - 1, given[^1].Last);
        Assert.Equal(0, Assert.Single(await Offsets(it)).Start);

        async Task Produce(params string[] keys)
        {
            foreach (var key in keys)
                Assert.Equal(ErrorCode.None, (await it.Bench.Wire.Produce(it.Topic, RawWire.Keyed(key))).ErrorCode);
        }
    }

    /// <summary>
    /// A member acquires all, accepts one record, and is gone in a way by which its broker forgets the rest without having written it down: it has
    /// taken the partition out of its session before that ended.
    /// </summary>
    static async Task AcquireAndVanish(ShareBench it, string member, long last, long accepted)
    {
        var wire = new RawWire(it.Bench.Target);
        var acquired = -1L;
        await it.Until(async () =>
        {
            if (ShareBench.Ranges(await it.Ask(it.Fetching(member), wire: wire)) is [.., var range])
                acquired = range.Last;
            return acquired == last;
        }, $"records for {member}");
        Assert.Equal(ErrorCode.None, await it.Acknowledge(member, (accepted, accepted, [Accept])));
        var forgetting = it.Fetching(member);
        (forgetting.Topics, forgetting.ForgottenTopicsData) = ([], [new() { TopicId = it.TopicId, Partitions = [0] }]);
        await it.Ask(forgetting, wire: wire);
        await wire.DisposeAsync();
        it.ForgetSession(member);
    }

    /// <summary>The offset of the first batch of the first partition.</summary>
    static async Task<long> FirstInLog(ShareBench it)
    {
        var answer = await it.Wire.AskLeader<FetchRequest, FetchResponse>(it.Topic, new FetchRequest
        {
            ReplicaId = -1, MaxWaitMs = 0, MinBytes = 0, MaxBytes = 1_000_000,
            Topics = [new() { Topic = it.Topic, Partitions = [new() { Partition = 0, FetchOffset = 0, PartitionMaxBytes = 1_000_000 }] }],
        }, 12);
        return System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(answer.Responses.Single().Partitions.Single().Records!.Value.Span);
    }
}
