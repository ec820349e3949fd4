using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Share groups at the leaders (KIP-932): which records are acquired, again or no more, and by whom.</content>
public abstract partial class WireScenarios
{
    const short ShareFetchVersion = 2;
    const short ShareAcknowledgeVersion = 2;
    const sbyte Gap = 0;
    const sbyte Accept = 1;
    const sbyte Release = 2;
    const sbyte Reject = 3;
    const sbyte Renew = 4;

    [Fact, Trait("Area", "Wire")]
    public async Task Acquired_record_is_nobody_elses_until_it_is_released()
    {
        await using var it = await BeginShare();
        await it.Produce(10);
        Assert.Equal([(0, 9, 1)], await it.Acquire("a"));
        Assert.Empty(await it.Fetch("b"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 9, [Release])));
        Assert.Equal([(0, 9, 2)], await it.Acquire("b"));
        Assert.Empty(await it.Fetch("a"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("b", (0, 9, [Accept])));
        Assert.Empty(await it.Fetch("a"));
        await it.Produce(2);
        Assert.Equal([(10, 11, 1)], await it.Acquire("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Rejected_records_and_gaps_do_not_come_again()
    {
        await using var it = await BeginShare();
        await it.Produce(4);
        await it.Acquire("a");
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 3, [Reject, Accept, Gap, Release])));
        Assert.Equal([(3, 3, 2)], await it.Acquire("a"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (3, 3, [Reject])));
        Assert.Empty(await it.Fetch("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Share_fetch_answers_with_the_batches_that_hold_what_was_acquired_and_the_time_of_the_locks()
    {
        await using var it = await BeginShare();
        await it.Produce(3);
        await it.Produce(3);
        var request = it.Fetching("a", maxRecords: 1);
        request.MaxWaitMs = 30_000;
        var answer = await it.Ask(request);
        Assert.Equal([(0, 2, 1)], ShareBench.Ranges(answer));
        Assert.Equal(30_000, answer.AcquisitionLockTimeoutMs);
        var row = answer.Responses.Single().Partitions.Single();
        Assert.Equal((0, ErrorCode.None, ErrorCode.None), (row.PartitionIndex, row.ErrorCode, row.AcknowledgeErrorCode));
        Assert.Equal([(0L, 2L)], BatchesIn(row));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Batches_are_acquired_as_wholes_and_told_in_pieces_of_the_size_asked_for()
    {
        await using var it = await BeginShare();
        for (var i = 0; i < 4; i++)
            await it.Produce(5);
        var request = it.Fetching("a", maxRecords: 12);
        (request.BatchSize, request.MaxWaitMs) = (10, 30_000);
        Assert.Equal([(0, 9, 1), (10, 14, 1)], ShareBench.Ranges(await it.Ask(request)));
        Assert.Equal([(15, 19, 1)], await it.Acquire("a", maxRecords: 1));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Strict_fetch_acquires_no_more_than_asked_for()
    {
        await using var it = await BeginShare();
        await it.Produce(10);
        await it.Produce(10);
        Assert.Equal([(0, 2, 1)], await it.Acquire("a", 3, isStrict: true));
        Assert.Equal([(3, 4, 1)], await it.Acquire("b", 2, isStrict: true));
        Assert.Equal(7, (await it.Acquire("a", 7, isStrict: true)).Sum(static range => range.Last - range.First + 1));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("b", (3, 4, [Release])));
        Assert.Equal([(3, 3, 2)], await it.Acquire("a", 1, isStrict: true));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task First_version_of_share_fetch_knows_no_strict_limit()
    {
        await using var it = await BeginShare();
        await it.Produce(10);
        var request = it.Fetching("a", maxRecords: 3);
        request.MaxWaitMs = 30_000;
        Assert.Equal([(0, 9, 1)], ShareBench.Ranges(await it.Ask(request, version: 1)));
        Assert.Equal(ErrorCode.None, ShareBench.ErrorIn(await it.Ask(it.Acknowledging("a", (0, 9, [Accept])), version: 1)));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Who_is_in_no_group_may_fetch_in_its_name()
    {
        await using var it = await BeginShare();
        await it.Produce(1);
        Assert.Equal([(0, 0, 1)], await it.Acquire("stranger"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("stranger", (0, 0, [Accept])));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Group_that_begins_at_the_latest_offset_begins_when_it_is_first_fetched()
    {
        await using var it = await BeginShare();
        await it.Configure("share.auto.offset.reset", "latest");
        await it.Produce(5);
        Assert.Empty(await it.Fetch("a"));
        await it.Produce(2);
        Assert.Equal([(5, 6, 1)], await it.Acquire("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Group_begins_so_long_ago_as_it_is_set_to()
    {
        await using var it = await BeginShare();
        await it.Configure("share.auto.offset.reset", "by_duration:PT1H");
        await it.Produce(5);
        Assert.Equal([(0, 4, 1)], await it.Acquire("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Share_session_goes_on_by_its_epochs()
    {
        await using var it = await BeginShare();
        var request = it.Fetching("a");
        request.ShareSessionEpoch = 1;
        Assert.Equal(ErrorCode.ShareSessionNotFound, (await it.Ask(request)).ErrorCode);
        request.ShareSessionEpoch = -1;
        Assert.Equal(ErrorCode.ShareSessionNotFound, (await it.Ask(request)).ErrorCode);
        Assert.Equal(ErrorCode.None, (await it.Ask(it.Fetching("a"))).ErrorCode);
        request.ShareSessionEpoch = 2;
        Assert.Equal(ErrorCode.InvalidShareSessionEpoch, (await it.Ask(request)).ErrorCode);
        Assert.Equal(ErrorCode.None, (await it.Ask(it.Fetching("a"))).ErrorCode);
        var acknowledging = it.Acknowledging("a");
        acknowledging.ShareSessionEpoch = 0;
        Assert.Equal(ErrorCode.InvalidShareSessionEpoch, (await it.Ask(acknowledging)).ErrorCode);
        acknowledging.ShareSessionEpoch = 7;
        Assert.Equal(ErrorCode.InvalidShareSessionEpoch, (await it.Ask(acknowledging)).ErrorCode);
        // Both requests count on.
        Assert.Equal(ErrorCode.None, (await it.Ask(it.Acknowledging("a"))).ErrorCode);
        Assert.Equal(ErrorCode.None, (await it.Ask(it.Fetching("a"))).ErrorCode);
        Assert.Equal(ErrorCode.None, await it.EndSession("a"));
        acknowledging.ShareSessionEpoch = 5;
        Assert.Equal(ErrorCode.ShareSessionNotFound, (await it.Ask(acknowledging)).ErrorCode);
        acknowledging.ShareSessionEpoch = -1;
        Assert.Equal(ErrorCode.ShareSessionNotFound, (await it.Ask(acknowledging)).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Fetch_that_begins_a_session_acknowledges_nothing()
    {
        await using var it = await BeginShare();
        var request = it.Fetching("a");
        request.Topics[0].Partitions[0].AcknowledgementBatches = [new() { FirstOffset = 0, LastOffset = 0, AcknowledgeTypes = [Accept] }];
        Assert.Equal(ErrorCode.InvalidRequest, (await it.Ask(request)).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Share_fetch_of_a_wrong_shape_is_refused()
    {
        await using var it = await BeginShare();
        await Refused(static request => request.GroupId = null);
        await Refused(static request => request.MemberId = null);
        await Refused(static request => request.MemberId = "");
        await Refused(static request => request.MemberId = new string('m', 37));
        await Refused(static request => request.IsRenewAck = true);
        var none = it.Acknowledging("a");
        none.GroupId = null;
        Assert.Equal(ErrorCode.InvalidRequest, (await it.Ask(none)).ErrorCode);
        none = it.Acknowledging("");
        Assert.Equal(ErrorCode.InvalidRequest, (await it.Ask(none)).ErrorCode);

        async Task Refused(Action<ShareFetchRequest> mistake)
        {
            var request = it.Fetching("a");
            mistake(request);
            Assert.Equal(ErrorCode.InvalidRequest, (await it.Ask(request)).ErrorCode);
        }
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Fetch_without_room_or_records_is_answered_at_once()
    {
        await using var it = await BeginShare();
        await it.Produce(1);
        var request = it.Fetching("a", maxRecords: 0);
        request.MaxWaitMs = 60_000;
        var answer = await it.Ask(request);
        Assert.Empty(ShareBench.Ranges(answer));
        Assert.Empty(answer.Responses);
        request = it.Fetching("a");
        (request.MaxWaitMs, request.MaxBytes) = (60_000, 0);
        Assert.Empty(ShareBench.Ranges(await it.Ask(request)));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Malformed_acknowledgement_is_refused()
    {
        await using var it = await BeginShare();
        await it.Produce(4);
        await it.Acquire("a");
        await Refused((2, 1, [Accept]));
        await Refused((0, 3, []));
        await Refused((0, 3, [Accept, Accept]));
        await Refused((0, 3, [5]));
        await Refused((0, 3, [-1]));
        await Refused((0, 3, [Renew]));
        await Refused((2, 3, [Accept]), (0, 1, [Accept]));
        // Of a partition of which nothing is said nothing is told.
        var empty = await it.Ask(it.Acknowledging("a"));
        Assert.Equal((ErrorCode.None, 0), (empty.ErrorCode, empty.Responses.Length));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 3, [Accept])));

        async Task Refused(params (long, long, sbyte[])[] batches) => Assert.Equal(ErrorCode.InvalidRequest, await it.Acknowledge("a", batches));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Only_who_has_a_record_acknowledges_it()
    {
        await using var it = await BeginShare();
        await it.Produce(4);
        await it.Acquire("a");
        await it.Fetch("b");
        Assert.Equal(ErrorCode.InvalidRecordState, await it.Acknowledge("b", (0, 3, [Accept])));
        Assert.Equal(ErrorCode.InvalidRecordState, await it.Acknowledge("b", (1, 1, [Accept])));
        Assert.Equal(ErrorCode.InvalidRequest, await it.Acknowledge("a", (0, 4, [Accept])));
        Assert.Equal(ErrorCode.InvalidRequest, await it.Acknowledge("a", (4, 4, [Accept])));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (1, 1, [Accept])));
        Assert.Equal(ErrorCode.InvalidRecordState, await it.Acknowledge("a", (1, 1, [Accept])));
        Assert.Equal(ErrorCode.InvalidRecordState, await it.Acknowledge("a", (0, 3, [Accept])));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 0, [Accept]), (2, 3, [Accept])));
        // What lies before all that is in flight was done with.
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 3, [Accept])));
        Assert.Equal(ErrorCode.InvalidRecordState, await it.Acknowledge("a", (4, 4, [Accept])));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Acknowledgements_of_a_partition_are_taken_all_or_none()
    {
        await using var it = await BeginShare();
        await it.Produce(2);
        await it.Produce(2);
        Assert.Equal([(0, 1, 1)], await it.Acquire("a", 1));
        Assert.Equal([(2, 3, 1)], await it.Acquire("b", 1));
        Assert.Equal(ErrorCode.InvalidRecordState, await it.Acknowledge("a", (0, 1, [Accept]), (2, 3, [Accept])));
        Assert.Equal(ErrorCode.InvalidRecordState, await it.Acknowledge("a", (0, 0, [Accept]), (0, 1, [Accept])));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 1, [Release])));
        Assert.Equal([(0, 1, 2)], await it.Acquire("b", 2));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Record_that_is_released_too_often_is_given_up()
    {
        await using var it = await BeginShare();
        await it.Configure("share.delivery.count.limit", "2");
        await it.Produce(2);
        Assert.Equal([(0, 1, 1)], await it.Acquire("a"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 1, [Release])));
        Assert.Equal([(0, 1, 2)], await it.Acquire("a"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 1, [Release])));
        Assert.Empty(await it.Fetch("a"));
        await it.Produce(1);
        Assert.Equal([(2, 2, 1)], await it.Acquire("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Records_that_were_delivered_often_come_in_smaller_pieces_and_the_last_time_alone()
    {
        await using var it = await BeginShare();
        await it.Produce(8);
        Assert.Equal([(0, 7, 1)], await it.Acquire("a"));
        await it.Acknowledge("a", (0, 7, [Release]));
        Assert.Equal([(0, 7, 2)], await it.Acquire("a"));
        await it.Acknowledge("a", (0, 7, [Release]));
        Assert.Equal([(0, 7, 3)], await it.Acquire("a"));
        await it.Acknowledge("a", (0, 7, [Release]));
        Assert.Equal([(0, 3, 4)], await it.Acquire("a"));
        await it.Acknowledge("a", (0, 3, [Release]));
        Assert.Equal([(0, 0, 5)], await it.Acquire("a"));
        Assert.Equal([(1, 1, 5)], await it.Acquire("b"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 0, [Release])));
        Assert.Equal([(2, 2, 5)], await it.Acquire("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Records_of_a_session_that_ends_are_free_and_count_as_delivered()
    {
        await using var it = await BeginShare();
        await it.Produce(4);
        Assert.Equal([(0, 3, 1)], await it.Acquire("a"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 0, [Accept])));
        Assert.Equal(ErrorCode.None, await it.EndSession("a"));
        Assert.Equal([(1, 3, 2)], await it.Acquire("b"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Records_of_a_session_that_ends_are_given_up_where_they_were_delivered_too_often()
    {
        await using var it = await BeginShare();
        await it.Configure("share.delivery.count.limit", "2");
        await it.Produce(2);
        await it.Acquire("a");
        Assert.Equal(ErrorCode.None, await it.EndSession("a"));
        Assert.Equal([(0, 1, 2)], await it.Acquire("a"));
        Assert.Equal(ErrorCode.None, await it.EndSession("a"));
        Assert.Empty(await it.Fetch("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Last_acknowledgement_of_a_session_is_taken_before_the_rest_is_freed()
    {
        await using var it = await BeginShare();
        await it.Produce(4);
        await it.Acquire("a");
        var last = it.Acknowledging("a", (0, 1, [Accept]));
        last.ShareSessionEpoch = -1;
        Assert.Equal(ErrorCode.None, ShareBench.ErrorIn(await it.Ask(last)));
        Assert.Equal([(2, 3, 2)], await it.Acquire("b"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Session_that_begins_anew_keeps_what_the_member_has()
    {
        await using var it = await BeginShare();
        await it.Produce(2);
        await it.Acquire("a");
        it.ForgetSession("a");
        Assert.Empty(await it.Fetch("a"));
        Assert.Empty(await it.Fetch("b"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 1, [Accept])));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Records_of_a_connection_that_ends_are_free()
    {
        await using var it = await BeginShare();
        await it.Produce(2);
        var other = new RawWire(it.Bench.Target);
        await it.Until(async () => ShareBench.Ranges(await it.Ask(it.Fetching("a"), wire: other)).Length > 0, "records");
        Assert.Empty(await it.Fetch("b"));
        await other.DisposeAsync();
        Assert.Equal([(0, 1, 2)], await it.Acquire("b"));
        Assert.Equal(ErrorCode.ShareSessionNotFound, (await it.Ask(it.Acknowledging("a", (0, 1, [Accept])))).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Lock_that_ends_frees_its_records_and_counts_the_delivery()
    {
        await using var it = await BeginShare();
        await it.Configure("share.record.lock.duration.ms", "1000");
        await it.Produce(2);
        Assert.Equal([(0, 1, 1)], await it.Acquire("a"));
        Assert.Equal([(0, 1, 2)], await it.Acquire("b"));
        Assert.Equal(ErrorCode.InvalidRecordState, await it.Acknowledge("a", (0, 1, [Accept])));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("b", (0, 1, [Accept])));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Renewed_lock_begins_anew_and_the_record_stays_acquired()
    {
        await using var it = await BeginShare();
        await it.Produce(2);
        await it.Acquire("a");
        var renewing = it.Acknowledging("a", (0, 1, [Renew]));
        renewing.IsRenewAck = true;
        var answer = await it.Ask(renewing);
        Assert.Equal((ErrorCode.None, 30_000), (ShareBench.ErrorIn(answer), answer.AcquisitionLockTimeoutMs));
        // A fetch that renews brings no records.
        await it.Produce(2);
        var fetching = it.Fetching("a", maxRecords: 0);
        (fetching.IsRenewAck, fetching.MaxWaitMs, fetching.MinBytes, fetching.MaxBytes) = (true, 0, 0, 0);
        fetching.Topics[0].Partitions[0].AcknowledgementBatches = [new() { FirstOffset = 0, LastOffset = 1, AcknowledgeTypes = [Renew, Accept] }];
        var fetched = await it.Ask(fetching);
        Assert.Empty(ShareBench.Ranges(fetched));
        Assert.Equal(ErrorCode.None, fetched.Responses.Single().Partitions.Single().AcknowledgeErrorCode);
        Assert.Equal(ErrorCode.InvalidRecordState, await it.Acknowledge("a", (1, 1, [Accept])));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 0, [Accept])));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Renewing_can_be_forbidden_and_the_first_version_does_not_know_it()
    {
        await using var it = await BeginShare();
        await it.Configure("share.renew.acknowledge.enable", "false");
        await it.Produce(2);
        await it.Acquire("a");
        var renewing = it.Acknowledging("a", (0, 1, [Renew]));
        renewing.IsRenewAck = true;
        Assert.Equal(ErrorCode.InvalidRecordState, ShareBench.ErrorIn(await it.Ask(renewing)));
        Assert.Equal(ErrorCode.InvalidRequest, ShareBench.ErrorIn(await it.Ask(it.Acknowledging("a", (0, 1, [Renew])), version: 1)));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Fetch_acknowledges_and_acquires_at_once()
    {
        await using var it = await BeginShare();
        await it.Produce(2);
        await it.Acquire("a");
        await it.Produce(1);
        var request = it.Fetching("a");
        request.MaxWaitMs = 30_000;
        request.Topics[0].Partitions[0].AcknowledgementBatches = [new() { FirstOffset = 0, LastOffset = 1, AcknowledgeTypes = [Accept] }];
        var answer = await it.Ask(request);
        Assert.Equal([(2, 2, 1)], ShareBench.Ranges(answer));
        Assert.Equal(ErrorCode.None, answer.Responses.Single().Partitions.Single().AcknowledgeErrorCode);
        request = it.Fetching("a");
        request.Topics[0].Partitions[0].AcknowledgementBatches = [new() { FirstOffset = 3, LastOffset = 3, AcknowledgeTypes = [Accept] }];
        answer = await it.Ask(request);
        var row = answer.Responses.Single().Partitions.Single();
        Assert.Equal((ErrorCode.None, ErrorCode.InvalidRequest), (row.ErrorCode, row.AcknowledgeErrorCode));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Partition_has_room_for_so_many_records_in_flight()
    {
        await using var it = await BeginShare();
        await it.Configure("share.partition.max.record.locks", "100");
        await it.Produce(60);
        await it.Produce(60);
        await it.Produce(60);
        Assert.Equal([(0, 59, 1)], await it.Acquire("a", 60));
        // A batch is acquired whole though only a part of it has room.
        Assert.Equal([(60, 119, 1)], await it.Acquire("a", 60));
        Assert.Empty(await it.Fetch("a"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (60, 119, [Accept])));
        Assert.Empty(await it.Fetch("a"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (5, 6, [Release])));
        Assert.Equal([(5, 6, 2)], await it.Acquire("a"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 59, [Accept])));
        Assert.Equal([(120, 179, 1)], await it.Acquire("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Deleted_records_are_done_with_though_a_member_has_them()
    {
        await using var it = await BeginShare();
        await it.Produce(5);
        await it.Produce(5);
        Assert.Equal([(0, 4, 1)], await it.Acquire("a", 1));
        Assert.Equal([(5, 9, 1)], await it.Acquire("a", 1));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 9, [Release])));
        Assert.Equal([(0, 4, 2)], await it.Acquire("a", 1));
        await DeleteRecords(it, 3);
        await it.Until(async () => ShareBench.Ranges(await it.Ask(it.Fetching("b"))) is [(5, 9, 2)], "what is left");
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 4, [Release])));
        await DeleteRecords(it, 10);
        await it.Produce(1);
        await it.Until(async () => ShareBench.Ranges(await it.Ask(it.Fetching("a"))) is [(10, 10, 1)], "what came behind it");
        Assert.Equal(ErrorCode.None, await it.Acknowledge("b", (5, 9, [Accept])));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Partition_that_is_none_is_told_in_its_row()
    {
        await using var it = await BeginShare();
        var request = it.Fetching("a", partition: 7);
        request.MaxWaitMs = 60_000;
        var answer = await it.Ask(request);
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, answer.Responses.Single().Partitions.Single().ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Topic_that_is_none_takes_the_whole_answer_along_until_it_is_forgotten()
    {
        await using var it = await BeginShare();
        var ghost = Guid.NewGuid();
        var request = it.Fetching("a");
        Assert.Equal(ErrorCode.None, (await it.Ask(request)).ErrorCode);
        await it.Produce(1);
        request = it.Fetching("a");
        request.ShareSessionEpoch = 1;
        request.Topics[0].TopicId = ghost;
        Assert.Equal(ErrorCode.UnknownServerError, (await it.Ask(request)).ErrorCode);
        // The epoch has moved on, and what nobody was told of is acquired.
        request = it.Fetching("a");
        (request.ShareSessionEpoch, request.Topics) = (2, []);
        Assert.Equal(ErrorCode.UnknownServerError, (await it.Ask(request)).ErrorCode);
        Assert.Empty(await it.Fetch("b"));
        request.ShareSessionEpoch = 3;
        request.ForgottenTopicsData = [new() { TopicId = ghost, Partitions = [0] }];
        var answer = await it.Ask(request);
        Assert.Equal((ErrorCode.None, 0), (answer.ErrorCode, answer.Responses.Length));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 0, [Release])));
        Assert.Equal([(0, 0, 2)], await it.Acquire("b"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Acknowledgement_of_what_there_is_not_is_told_in_its_row()
    {
        await using var it = await BeginShare();
        await it.Produce(1);
        var request = it.Fetching("a");
        request.Topics = [];
        Assert.Equal(ErrorCode.None, (await it.Ask(request)).ErrorCode);
        var acknowledging = it.Acknowledging("a", (0, 0, [Accept]));
        acknowledging.Topics[0].Partitions[0].PartitionIndex = 7;
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, ShareBench.ErrorIn(await it.Ask(acknowledging)));
        acknowledging = it.Acknowledging("a", (0, 0, [Accept]));
        acknowledging.Topics[0].TopicId = Guid.NewGuid();
        Assert.Equal(ErrorCode.UnknownTopicId, ShareBench.ErrorIn(await it.Ask(acknowledging)));
        // Of a partition from which nobody has fetched there is nothing to acknowledge.
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, await it.Acknowledge("a", (0, 0, [Accept])));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Topic_that_is_deleted_has_no_records_to_acknowledge()
    {
        await using var it = await BeginShare();
        await it.Produce(2);
        await it.Acquire("a");
        // The broker that led it is asked by what else it leads.
        var (other, partition) = await it.Neighbour();
        await it.Wire.AskAny<DeleteTopicsRequest, DeleteTopicsResponse>(new DeleteTopicsRequest { TopicNames = [it.Topic], TimeoutMs = 30_000 }, 5);
        ShareAcknowledgeResponse? answer = null;
        var epoch = it.Acknowledging("a").ShareSessionEpoch;
        await it.Until(async () =>
        {
            var request = it.Acknowledging("a", (0, 1, [Renew]));
            (request.ShareSessionEpoch, request.IsRenewAck) = (epoch++, true);
            answer = await it.Wire.AskLeader<ShareAcknowledgeRequest, ShareAcknowledgeResponse>(other, request, ShareAcknowledgeVersion, partition);
            return ShareBench.ErrorIn(answer) != ErrorCode.None;
        }, "the end of the topic");
        Assert.Equal(ErrorCode.UnknownTopicId, ShareBench.ErrorIn(answer!));
        var fetching = it.Fetching("a");
        (fetching.ShareSessionEpoch, fetching.Topics) = (epoch++, []);
        Assert.Equal(ErrorCode.UnknownServerError, await AskNeighbour());
        fetching.ForgottenTopicsData = [new() { TopicId = it.TopicId, Partitions = [0] }];
        fetching.ShareSessionEpoch = epoch;
        Assert.Equal(ErrorCode.None, await AskNeighbour());

        async Task<ErrorCode> AskNeighbour() =>
            (await it.Wire.AskLeader<ShareFetchRequest, ShareFetchResponse>(other, fetching, ShareFetchVersion, partition)).ErrorCode;
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Waiting_fetch_is_answered_when_records_come_or_are_released()
    {
        await using var it = await BeginShare();
        await using var waiting = new RawWire(it.Bench.Target);
        await it.Fetch("a");
        var request = it.Fetching("b");
        request.MaxWaitMs = 60_000;
        var waits = it.Ask(request, wire: waiting);
        await it.Produce(2);
        Assert.Equal([(0, 1, 1)], ShareBench.Ranges(await waits));
        request = it.Fetching("c");
        request.MaxWaitMs = 60_000;
        await using var third = new RawWire(it.Bench.Target);
        waits = it.Ask(request, wire: third);
        Assert.Equal(ErrorCode.None, await it.Acknowledge("b", (0, 1, [Release])));
        Assert.Equal([(0, 1, 2)], ShareBench.Ranges(await waits));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Session_goes_on_with_its_partitions_until_they_are_forgotten()
    {
        // Of four partitions on three brokers these two have one leader.
        const int Same = 3;
        await using var it = await BeginShare(4);
        await it.Fetch("a");
        var request = it.Fetching("a", partition: Same);
        Assert.Equal(ErrorCode.None, (await it.Ask(request)).ErrorCode);
        await it.Produce(1, 0);
        await it.Produce(1, Same);
        var seen = new List<int>();
        await it.Until(async () =>
        {
            request = it.Fetching("a");
            request.Topics = [];
            seen.AddRange(RowsWithRecords(await it.Ask(request)));
            return seen.Count >= 2;
        }, "records of both");
        Assert.Equal([0, Same], seen.Order());
        request = it.Fetching("a");
        (request.Topics, request.ForgottenTopicsData) = ([], [new() { TopicId = it.TopicId, Partitions = [0] }]);
        await it.Ask(request);
        await it.Produce(1, 0);
        await it.Produce(1, Same);
        seen.Clear();
        await it.Until(async () =>
        {
            request = it.Fetching("a");
            request.Topics = [];
            var answer = await it.Ask(request);
            seen.AddRange(RowsWithRecords(answer));
            return seen.Count > 0;
        }, "records of one");
        Assert.Equal([Same], seen);
        // What is no news is not told.
        request = it.Fetching("a");
        request.Topics = [];
        Assert.Empty((await it.Ask(request)).Responses);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Forgotten_partition_keeps_its_locks_when_the_session_ends()
    {
        await using var it = await BeginShare();
        await it.Produce(2);
        await it.Acquire("a");
        var request = it.Fetching("a");
        (request.Topics, request.ForgottenTopicsData) = ([], [new() { TopicId = it.TopicId, Partitions = [0] }]);
        await it.Ask(request);
        Assert.Equal(ErrorCode.None, await it.EndSession("a"));
        Assert.Empty(await it.Fetch("b"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Part_of_a_batch_that_is_free_comes_without_the_rest()
    {
        await using var it = await BeginShare();
        await it.Produce(6);
        await it.Acquire("a");
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (2, 4, [Release])));
        Assert.Equal([(2, 4, 2)], await it.Acquire("b"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("b", (2, 4, [Accept])));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 1, [Accept]), (5, 5, [Accept])));
        await it.Produce(1);
        Assert.Equal([(6, 6, 1)], await it.Acquire("a"));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Sharers_of_all_records_get_aborted_ones_and_those_of_committed_ones_do_not()
    {
        await using var it = await BeginShare();
        var producer = await BeginAborted(it);
        Assert.Equal([(0, 4, 1)], await it.Acquire("a"));
        Assert.Equal(ErrorCode.None, await it.Acknowledge("a", (0, 4, [Accept, Accept, Accept, Gap, Accept])));

        await using var committed = await BeginShare();
        await committed.Configure("share.isolation.level", "read_committed");
        producer = await BeginAborted(committed);
        Assert.Equal([(0, 0, 1), (3, 4, 1)], await committed.Acquire("a"));
        Assert.Equal(ErrorCode.InvalidRecordState, await committed.Acknowledge("a", (1, 1, [Accept])));
        Assert.Equal(ErrorCode.None, await committed.Acknowledge("a", (0, 0, [Accept]), (3, 4, [Gap, Accept])));
        // What is not decided yet waits.
        Assert.Equal(ErrorCode.None, await ProduceInto(committed.Bench, producer, 0));
        await committed.Produce(1);
        Assert.Empty(await committed.Fetch("a"));
        Assert.Equal(ErrorCode.None, (await End(committed.Bench, producer, commits: true)).ErrorCode);
        Assert.Equal([(5, 7, 1)], await committed.Acquire("a"));
    }

    /// <summary>One record, two of an aborted transaction, its marker, and another record.</summary>
    async Task<Writer> BeginAborted(ShareBench it)
    {
        await it.Until(
            async () => (await End(it.Bench, new Writer(1, 0), commits: false)).ErrorCode == ErrorCode.InvalidProducerIdMapping, $"the coordinator of {it.Group}");
        var producer = await Init(it.Bench);
        await it.Produce(1);
        Assert.Equal(ErrorCode.None, await ProduceInto(it.Bench, producer, 0));
        Assert.Equal(ErrorCode.None, await ProduceInto(it.Bench, producer, 1));
        var ended = await End(it.Bench, producer, commits: false);
        Assert.Equal(ErrorCode.None, ended.ErrorCode);
        await it.Until(async () => (await it.Wire.AskLeader<ListOffsetsRequest, ListOffsetsResponse>(it.Topic, new ListOffsetsRequest
        {
            IsolationLevel = 1, Topics = [new() { Name = it.Topic, Partitions = [new() { PartitionIndex = 0, Timestamp = -1 }] }],
        }, 8)).Topics.Single().Partitions.Single().Offset == 4, "the marker");
        await it.Produce(1);
        return producer with { Epoch = ended.ProducerEpoch };
    }

    static async Task DeleteRecords(ShareBench it, long before)
    {
        var answer = await it.Wire.AskLeader<DeleteRecordsRequest, DeleteRecordsResponse>(it.Topic, new DeleteRecordsRequest
        {
            TimeoutMs = 30_000, Topics = [new() { Name = it.Topic, Partitions = [new() { PartitionIndex = 0, Offset = before }] }],
        }, 2);
        Assert.Equal(ErrorCode.None, answer.Topics.Single().Partitions.Single().ErrorCode);
    }

    static IEnumerable<int> RowsWithRecords(ShareFetchResponse answer)
    {
        Assert.Equal(ErrorCode.None, answer.ErrorCode);
        return answer.Responses.SelectMany(static topic => topic.Partitions).Where(static row => row.AcquiredRecords.Length > 0).Select(static row => row.PartitionIndex);
    }

    static List<(long First, long Last)> BatchesIn(ShareFetchResponse.PartitionData row)
    {
        var batches = new List<(long, long)>();
        for (var rest = row.Records!.Value; rest.Length > 0;)
        {
            var reader = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(rest.Span);
            batches.Add((reader, reader + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(rest.Span[23..])));
            rest = rest[(12 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(rest.Span[8..]))..];
        }
        return batches;
    }
}
