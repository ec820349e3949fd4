using NetKafka.Integration.Tests.Infrastructure;
using NetKafka.Protocol;
using NetKafka.Protocol.Messages;

namespace NetKafka.Integration.Tests.Scenarios;

/// <content>Producing: numbers, epochs, and what a batch may be.</content>
public abstract partial class WireScenarios
{
    const short InitProducerIdVersion = 4;

    [Fact, Trait("Area", "Wire")]
    public async Task Producer_ids_differ_and_begin_with_epoch_0()
    {
        await using var it = await Begin();
        var (first, second) = (await ProducerId(it), await ProducerId(it));
        Assert.NotEqual(first, second);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Batch_that_is_repeated_is_acknowledged_where_it_lies()
    {
        await using var it = await Begin();
        var id = await ProducerId(it);
        await Accepts(it, 0, RawWire.Batch(3, id, 0, 0));
        await Accepts(it, 3, RawWire.Batch(2, id, 0, 3));
        await Accepts(it, 0, RawWire.Batch(3, id, 0, 0));
        await Accepts(it, 3, RawWire.Batch(2, id, 0, 3));
        await Accepts(it, 5, RawWire.Batch(1, id, 0, 5));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Batch_that_leaves_a_gap_is_out_of_order_and_not_written()
    {
        await using var it = await Begin();
        var id = await ProducerId(it);
        await Accepts(it, 0, RawWire.Batch(1, id, 0, 0));
        await Refuses(it, ErrorCode.OutOfOrderSequenceNumber, RawWire.Batch(1, id, 0, 2));
        await Accepts(it, 1, RawWire.Batch(1, id, 0, 1));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Part_of_a_batch_that_is_written_is_out_of_order()
    {
        await using var it = await Begin();
        var id = await ProducerId(it);
        await Accepts(it, 0, RawWire.Batch(3, id, 0, 0));
        await Refuses(it, ErrorCode.OutOfOrderSequenceNumber, RawWire.Batch(2, id, 0, 0));
        await Refuses(it, ErrorCode.OutOfOrderSequenceNumber, RawWire.Batch(1, id, 0, 2));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Five_batches_are_remembered_and_no_sixth()
    {
        await using var it = await Begin();
        var id = await ProducerId(it);
        for (var sequence = 0; sequence < 6; sequence++)
            await Accepts(it, sequence, RawWire.Batch(1, id, 0, sequence));
        await Accepts(it, 1, RawWire.Batch(1, id, 0, 1));
        await Refuses(it, ErrorCode.OutOfOrderSequenceNumber, RawWire.Batch(1, id, 0, 0));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task New_epoch_begins_at_0_and_ends_the_old_one()
    {
        await using var it = await Begin();
        var id = await ProducerId(it);
        await Accepts(it, 0, RawWire.Batch(2, id, 0, 0));
        await Refuses(it, ErrorCode.OutOfOrderSequenceNumber, RawWire.Batch(1, id, 1, 2));
        await Accepts(it, 2, RawWire.Batch(1, id, 1, 0));
        await Refuses(it, ErrorCode.InvalidProducerEpoch, RawWire.Batch(1, id, 0, 2));
        await Accepts(it, 3, RawWire.Batch(1, id, 1, 1));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Producer_that_nobody_knows_may_begin_anywhere()
    {
        await using var it = await Begin();
        var id = await ProducerId(it);
        await Accepts(it, 0, RawWire.Batch(1, id, 3, 7));
        await Accepts(it, 1, RawWire.Batch(1, id, 3, 8));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Batch_without_a_producer_is_written_as_often_as_it_comes()
    {
        await using var it = await Begin();
        var batch = RawWire.Batch(2);
        await Accepts(it, 0, batch);
        await Accepts(it, 2, batch);
        await Accepts(it, 4, batch, acks: 1);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Batch_with_another_sum_is_corrupt()
    {
        await using var it = await Begin();
        var batch = RawWire.Batch(1);
        batch[^1] ^= 1;
        await Refuses(it, ErrorCode.CorruptMessage, batch);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Two_batches_of_one_partition_are_no_valid_record()
    {
        await using var it = await Begin();
        await Refuses(it, ErrorCode.InvalidRecord, [.. RawWire.Batch(1), .. RawWire.Batch(1)]);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Batch_above_the_topics_limit_is_too_large_before_it_is_looked_at_for_a_repetition()
    {
        await using var it = await Begin(new Dictionary<string, string> { ["max.message.bytes"] = "500" });
        var id = await ProducerId(it);
        await Accepts(it, 0, RawWire.Batch(1, id, 0, 0, valueBytes: 300));
        await Refuses(it, ErrorCode.MessageTooLarge, RawWire.Batch(1, id, 0, 0, valueBytes: 600));
        await Refuses(it, ErrorCode.MessageTooLarge, RawWire.Batch(1, id, 0, 1, valueBytes: 600));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Record_without_a_key_is_none_for_a_compacted_topic()
    {
        await using var it = await Begin(new Dictionary<string, string> { ["cleanup.policy"] = "compact" });
        await Refuses(it, ErrorCode.InvalidRecord, RawWire.Batch(1));
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Acknowledgements_of_two_replicas_cannot_be_asked_for()
    {
        await using var it = await Begin();
        Assert.Equal(ErrorCode.InvalidRequiredAcks, (await it.Wire.Produce(it.Topic, RawWire.Batch(1), acks: 2)).ErrorCode);
    }

    [Fact, Trait("Area", "Wire")]
    public async Task Partition_that_does_not_exist_is_unknown()
    {
        await using var it = await Begin();
        var answer = await it.Wire.AskLeader<ProduceRequest, ProduceResponse>(it.Topic, new ProduceRequest
        {
            Acks = -1,
            TimeoutMs = 1000,
            TopicData = [new() { Name = it.Topic, PartitionData = [new() { Index = 7, Records = RawWire.Batch(1).AsMemory() }] }],
        }, 9);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, answer.Responses.Single().PartitionResponses.Single().ErrorCode);
    }

    static async Task<long> ProducerId(Bench it)
    {
        InitProducerIdResponse answer = new();
        await Wait.Until(async () =>
        {
            answer = await it.Wire.AskAny<InitProducerIdRequest, InitProducerIdResponse>(
                new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = 60_000 }, InitProducerIdVersion);
            return answer.ErrorCode != ErrorCode.CoordinatorLoadInProgress;
        }, "a producer id", TestContext.Current.CancellationToken);
        Assert.Equal((ErrorCode.None, (short)0), (answer.ErrorCode, answer.ProducerEpoch));
        return answer.ProducerId;
    }

    static async Task Accepts(Bench it, long offset, byte[] batch, short acks = -1)
    {
        var answer = await it.Wire.Produce(it.Topic, batch, acks);
        Assert.Equal((ErrorCode.None, offset), (answer.ErrorCode, answer.BaseOffset));
    }

    static async Task Refuses(Bench it, ErrorCode error, byte[] batch)
    {
        var answer = await it.Wire.Produce(it.Topic, batch);
        Assert.Equal((error, -1L), (answer.ErrorCode, answer.BaseOffset));
    }
}
