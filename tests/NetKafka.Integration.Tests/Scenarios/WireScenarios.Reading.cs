using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Reading: offsets, epochs of leaders, fetch sessions.</content>
public abstract partial class WireScenarios
{
    const short FetchVersion = 12;
    const short ListOffsetsVersion = 7;
    const short OffsetForLeaderEpochVersion = 4;
    const short DeleteRecordsVersion = 2;
    const long Latest = -1;
    const long Earliest = -2;
    const long LargestTimestamp = -3;
    const int FarEpoch = 1_000;

    [Fact, Trait("Area", "Wire")]
    public async Task Fetch_tells_where_the_log_begins_and_ends()
    {
        await using var it = await Begin();
        await Accepts(it, 0, RawWire.Batch(3));
        await Accepts(it, 3, RawWire.Batch(2));
        var read = await Fetch(it, 1);
        Assert.Equal(
            (ErrorCode.None, 5L, 5L, 0L), (read.ErrorCode, read.HighWatermark, read.LastStableOffset, read.LogStartOffset));
        // The batch that holds the offset comes whole.
        Assert.True((read.Records ?? default).Length > RawWire.Batch(3).Length);
    }

    [Theory, Trait("Area", "Wire")]
    [InlineData(6)]
    [InlineData(1_000)]
    public async Task Offset_beyond_the_end_is_out_of_range(long offset)
    {
        await using var it = await Begin();
        await Accepts(it, 0, RawWire.Batch(5));
        Assert.Equal(ErrorCode.OffsetOutOfRange, (await Fetch(it, offset)).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Offset_at_the_end_is_none_to_complain_of()
    {
        await using var it = await Begin();
        await Accepts(it, 0, RawWire.Batch(5));
        var read = await Fetch(it, 5);
        Assert.Equal((ErrorCode.None, 0), (read.ErrorCode, (read.Records ?? default).Length));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Offset_below_deleted_records_is_out_of_range_and_the_beginning_is_behind_them()
    {
        await using var it = await Begin();
        await Accepts(it, 0, RawWire.Batch(5));
        await Accepts(it, 5, RawWire.Batch(5));
        var deleted = await it.Wire.AskLeader<DeleteRecordsRequest, DeleteRecordsResponse>(it.Topic, new DeleteRecordsRequest
        {
            TimeoutMs = 30_000,
            Topics = [new() { Name = it.Topic, Partitions = [new() { PartitionIndex = 0, Offset = 7 }] }],
        }, DeleteRecordsVersion);
        var row = deleted.Topics.Single().Partitions.Single();
        Assert.Equal((ErrorCode.None, 7L), (row.ErrorCode, row.LowWatermark));
        Assert.Equal(ErrorCode.OffsetOutOfRange, (await Fetch(it, 6)).ErrorCode);
        var read = await Fetch(it, 7);
        Assert.Equal((ErrorCode.None, 7L, 10L), (read.ErrorCode, read.LogStartOffset, read.HighWatermark));
        Assert.Equal((7L, 10L), ((await List(it, Earliest)).Offset, (await List(it, Latest)).Offset));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Epoch_that_no_leader_has_had_is_unknown()
    {
        await using var it = await Begin();
        await Accepts(it, 0, RawWire.Batch(1));
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, (await Fetch(it, 0, FarEpoch)).ErrorCode);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, (await List(it, Latest, FarEpoch)).ErrorCode);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, (await EndOf(it, 0, FarEpoch)).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Epoch_of_a_leader_ends_where_the_next_begins_or_at_the_end()
    {
        await using var it = await Begin();
        await Accepts(it, 0, RawWire.Batch(4));
        var current = (await List(it, Latest)).LeaderEpoch;
        var end = await EndOf(it, current, -1);
        Assert.Equal((ErrorCode.None, current, 4L), (end.ErrorCode, end.LeaderEpoch, end.EndOffset));
        var unknown = await EndOf(it, FarEpoch, -1);
        Assert.Equal((ErrorCode.None, -1, -1L), (unknown.ErrorCode, unknown.LeaderEpoch, unknown.EndOffset));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Offsets_are_found_by_time()
    {
        await using var it = await Begin();
        Assert.Equal((0L, 0L), ((await List(it, Earliest)).Offset, (await List(it, Latest)).Offset));
        await Accepts(it, 0, RawWire.Batch(3));
        Assert.Equal((0L, 3L), ((await List(it, Earliest)).Offset, (await List(it, Latest)).Offset));
        Assert.Equal(0, (await List(it, 1)).Offset);
        var far = await List(it, DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeMilliseconds());
        Assert.Equal((ErrorCode.None, -1L, -1L), (far.ErrorCode, far.Offset, far.Timestamp));
        var largest = await List(it, LargestTimestamp);
        Assert.Equal(ErrorCode.None, largest.ErrorCode);
        Assert.InRange(largest.Offset, 0, 2);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Fetch_session_tells_what_is_new_and_nothing_else()
    {
        await using var it = await Begin();
        await Accepts(it, 0, RawWire.Batch(3));
        var full = await Fetch(it, 0, sessionId: 0, sessionEpoch: 0);
        Assert.Equal(ErrorCode.None, full.ErrorCode);
        Assert.True(full.SessionId > 0);
        Assert.Single(full.Responses);

        // Nothing is new at the place to which it was read.
        var none = await Fetch(it, 3, full.SessionId, 1);
        Assert.Equal((ErrorCode.None, full.SessionId), (none.ErrorCode, none.SessionId));
        Assert.Empty(none.Responses);

        await Accepts(it, 3, RawWire.Batch(2));
        var some = await Fetch(it, null, full.SessionId, 2);
        Assert.Equal(5, some.Responses.Single().Partitions.Single().HighWatermark);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Fetch_session_has_its_errors()
    {
        await using var it = await Begin();
        var full = await Fetch(it, 0, sessionId: 0, sessionEpoch: 0);
        Assert.Equal(ErrorCode.InvalidFetchSessionEpoch, (await Fetch(it, null, full.SessionId, 9)).ErrorCode);
        Assert.Equal(ErrorCode.FetchSessionIdNotFound, (await Fetch(it, null, full.SessionId ^ 0x55555, 1)).ErrorCode);
    }

    static async Task<FetchResponse.PartitionData> Fetch(Bench it, long offset, int epoch = -1)
    {
        var answer = await Fetch(it, offset, 0, -1, epoch);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return answer.Responses.Single().Partitions.Single();
    }

    static Task<FetchResponse> Fetch(Bench it, long? offset, int sessionId, int sessionEpoch, int epoch = -1) =>
        it.Wire.AskLeader<FetchRequest, FetchResponse>(it.Topic, new FetchRequest
        {
            MinBytes = 0,
            MaxBytes = 1_000_000,
            SessionId = sessionId,
            SessionEpoch = sessionEpoch,
            Topics = offset is not { } from
                ? []
                : [new() { Topic = it.Topic, Partitions = [new() { Partition = 0, FetchOffset = from, PartitionMaxBytes = 1_000_000, CurrentLeaderEpoch = epoch }] }],
        }, FetchVersion);

    static async Task<ListOffsetsResponse.ListOffsetsPartitionResponse> List(Bench it, long timestamp, int epoch = -1) =>
        (await it.Wire.AskLeader<ListOffsetsRequest, ListOffsetsResponse>(it.Topic, new ListOffsetsRequest
        {
            ReplicaId = -1,
            Topics = [new() { Name = it.Topic, Partitions = [new() { PartitionIndex = 0, Timestamp = timestamp, CurrentLeaderEpoch = epoch }] }],
        }, ListOffsetsVersion)).Topics.Single().Partitions.Single();

    static async Task<OffsetForLeaderEpochResponse.EpochEndOffset> EndOf(Bench it, int epoch, int currentEpoch) =>
        (await it.Wire.AskLeader<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(it.Topic, new OffsetForLeaderEpochRequest
        {
            ReplicaId = -1,
            Topics = [new() { Topic = it.Topic, Partitions = [new() { Partition = 0, LeaderEpoch = epoch, CurrentLeaderEpoch = currentEpoch }] }],
        }, OffsetForLeaderEpochVersion)).Topics.Single().Partitions.Single();
}
