using NetKafka;
using NetKafka.Consuming;

const string Topic = "payments";

if (args is not ([] or ["--bootstrap", _]))
{
    Console.Error.WriteLine("Writes one payment and reads it back.\n\n  --bootstrap HOST:PORT   a Kafka (localhost:9092)");
    return 2;
}

await using var kafka = new KafkaClient(args is [_, var bootstrap] ? bootstrap : "localhost:9092");
try
{
    await using var producer = kafka.CreateProducer<string, string>();
    var sent = await producer.ProduceAsync(Topic, "Alice", "Paid $200 to Bob");
    Console.WriteLine($"wrote  {sent.Topic}-{sent.Partition}@{sent.Offset}");

    // Without a group: the partition and the offset of what was just written.
    await using var consumer = kafka.CreateConsumer<string, string>(new ConsumerOptions());
    await consumer.AssignAsync([new TopicPartitionOffset(sent.Topic, sent.Partition, sent.Offset)]);
    await foreach (var payment in consumer.ReadAllAsync())
    {
        Console.WriteLine($"read   {payment.Key}: {payment.Value}");
        break;
    }
    return 0;
}
catch (KafkaException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
