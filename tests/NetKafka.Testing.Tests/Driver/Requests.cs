using NetKafka.Protocol.Messages;

namespace NetKafka.Testing.Tests.Driver;

/// <summary>Requests of one partition, in the newest version spoken.</summary>
static class Requests
{
    internal const short ProduceVersion = 12;
    internal const short FetchVersion = 12;

    internal static ProduceResponse.PartitionProduceResponse Produce(
        this MachineDriver driver, int connection, string topic, byte[] batch, int partition = 0, short acks = -1) =>
        driver.Ask(connection, ProduceOf(topic, batch, partition, acks), ProduceVersion).Responses[0].PartitionResponses[0];

    internal static ProduceRequest ProduceOf(string topic, byte[] batch, int partition = 0, short acks = -1) => new()
    {
        TransactionalId = IsTransactional(batch) ? "transaction" : null,
        Acks = acks,
        TimeoutMs = 1_000,
        TopicData = [new() { Name = topic, PartitionData = [new() { Index = partition, Records = batch }] }],
    };

    static bool IsTransactional(byte[] batch) => batch.Length > 22 && (batch[22] & 0x10) != 0;

    internal static FetchResponse.PartitionData Fetch(
        this MachineDriver driver, int connection, string topic, long offset, int partition = 0, int maxBytes = 1_000_000) =>
        driver.Ask(connection, FetchOf(topic, offset, partition, maxBytes), FetchVersion).Responses[0].Partitions[0];

    internal static FetchRequest FetchOf(
        string topic, long offset, int partition = 0, int maxBytes = 1_000_000, int maxWaitMs = 0, int minBytes = 1) => new()
    {
        MaxWaitMs = maxWaitMs,
        MinBytes = minBytes,
        MaxBytes = maxBytes,
        Topics = [new() { Topic = topic, Partitions = [new() { Partition = partition, FetchOffset = offset, PartitionMaxBytes = maxBytes }] }],
    };

    internal static byte[] Batch(this MachineDriver driver, params string[] values) => Batches.Create(values, driver.WallClockMs);

    internal static byte[] Batch(this MachineDriver driver, long producerId, short epoch, int sequence, params string[] values) =>
        Batches.Create(values, driver.WallClockMs, producerId, epoch, sequence);
}
