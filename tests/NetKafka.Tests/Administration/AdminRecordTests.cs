using NetKafka.Administration;
using NetKafka.Consuming;
using NetKafka.Producing;
using NetKafka.Protocol;

namespace NetKafka.Tests.Administration;

/// <summary>Records and offsets of partitions, against the embedded Kafka.</summary>
public sealed class AdminRecordTests : AdminScene
{
    static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    static TopicPartition P(int partition) => new("payments", partition);

    [Fact]
    public async Task Records_before_an_offset_are_deleted_and_each_partition_has_its_own_outcome()
    {
        await FillAsync();
        var deleted = await Admin.DeleteRecordsAsync(
            [new TopicPartitionOffset(P(0), 2), new TopicPartitionOffset(P(1), -1), new TopicPartitionOffset(P(2), 5), new TopicPartitionOffset(P(9), 0)], Cancellation);
        Assert.Equal((2, 1), (deleted[0].GetOrThrow(), deleted[1].GetOrThrow()));
        Assert.Equal([ErrorCode.OffsetOutOfRange, ErrorCode.UnknownTopicOrPartition], deleted.Skip(2).Select(static result => result.Error!.Code));
        var earliest = await Admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [P(0)] = OffsetSpec.Earliest }, cancellation: Cancellation);
        Assert.Equal(2, Assert.Single(earliest).GetOrThrow().Offset);
    }

    [Fact]
    public async Task Offsets_of_every_kind_are_listed()
    {
        await FillAsync();
        Assert.Equal(0, (await ListAsync(OffsetSpec.Earliest)).Offset);
        Assert.Equal(3, (await ListAsync(OffsetSpec.Latest)).Offset);
        Assert.Equal((1, Noon.AddHours(5)), ((await ListAsync(OffsetSpec.MaxTimestamp)).Offset, (await ListAsync(OffsetSpec.MaxTimestamp)).Timestamp!.Value));
        Assert.Equal((1, Noon.AddHours(5)), ((await ListAsync(OffsetSpec.ForTime(Noon.AddHours(1)))).Offset, (await ListAsync(OffsetSpec.ForTime(Noon.AddHours(1)))).Timestamp!.Value));
        Assert.Equal(-1, (await ListAsync(OffsetSpec.ForTime(Noon.AddHours(6)))).Offset);
        Assert.Equal(0, (await ListAsync(OffsetSpec.EarliestLocal)).Offset);
        Assert.Equal(-1, (await ListAsync(OffsetSpec.LatestTiered)).Offset);
    }

    [Fact]
    public async Task End_of_what_is_committed_is_before_an_open_transaction()
    {
        await FillAsync();
        await using var producer = Kafka.CreateProducer<string, string>(new ProducerOptions { TransactionalId = "t" });
        await producer.InitTransactionsAsync(Cancellation);
        await producer.BeginTransactionAsync(Cancellation);
        await producer.ProduceAsync(new ProducerRecord<string, string>("payments", "k", "open") { Partition = 0 }, Cancellation);
        var latest = new Dictionary<TopicPartition, OffsetSpec> { [P(0)] = OffsetSpec.Latest };
        Assert.Equal(4, Assert.Single(await Admin.ListOffsetsAsync(latest, cancellation: Cancellation)).GetOrThrow().Offset);
        Assert.Equal(3, Assert.Single(await Admin.ListOffsetsAsync(latest, IsolationLevel.ReadCommitted, Cancellation)).GetOrThrow().Offset);
        await producer.AbortTransactionAsync(Cancellation);
    }

    [Fact]
    public async Task Leaders_that_move_are_followed()
    {
        await FillAsync();
        for (var node = 1; node <= 3; node++)
        {
            Embedded.StopBroker(node);
            var listed = await Admin.ListOffsetsAsync(
                Enumerable.Range(0, 3).ToDictionary(static partition => P(partition), static _ => OffsetSpec.Latest), cancellation: Cancellation);
            Assert.Equal([3, 1, 0], listed.Select(static result => result.GetOrThrow().Offset));
            Embedded.StartBroker(node);
        }
    }

    async Task FillAsync()
    {
        await Admin.CreateTopicAsync("payments", 3, 3, Cancellation);
        await ProduceAsync("payments", 0, ("a", Noon), ("b", Noon.AddHours(5)), ("c", Noon.AddHours(2)));
        await ProduceAsync("payments", 1, ("d", Noon));
    }

    async Task<ListedOffset> ListAsync(OffsetSpec spec) =>
        Assert.Single(await Admin.ListOffsetsAsync(new Dictionary<TopicPartition, OffsetSpec> { [P(0)] = spec }, cancellation: Cancellation)).GetOrThrow();
}
