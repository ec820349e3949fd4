using NetKafka.Producing;
using NetKafka.Protocol;
using NetKafka.Serialization;
using NetKafka.Testing;

namespace NetKafka.Tests.Producing;

/// <summary>Records that are posted without waiting, one by one and many at a time.</summary>
public sealed class PostingTests : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { AutoCreateTopics = false });
    readonly KafkaClient _kafka;

    public PostingTests()
    {
        _embedded.CreateTopic("t", 1);
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
    }

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Fact]
    public async Task Record_for_a_topic_that_is_not_known_yet_is_not_taken_and_its_callback_not_called()
    {
        await using var producer = _kafka.CreateProducer<Nothing, int>();
        var told = new List<long>();
        Assert.False(producer.TryPost(new ProducerRecord<Nothing, int>("t", default, 1), _ => told.Add(-1)));

        await producer.PostAsync(new ProducerRecord<Nothing, int>("t", default, 2));
        Assert.True(producer.TryPost(new ProducerRecord<Nothing, int>("t", default, 3), report => told.Add(report.Metadata.Offset)));
        await producer.FlushAsync();

        Assert.Equal([2, 3], Values());
        Assert.Equal([1], told);
    }

    [Fact]
    public async Task Record_without_room_is_not_taken_until_there_is_some()
    {
        await using var producer = _kafka.CreateProducer<Nothing, byte[]>(new ProducerOptions { BufferMemory = 16 * 1024, BatchSize = 1024, Linger = TimeSpan.FromMinutes(1) });
        var record = new ProducerRecord<Nothing, byte[]>("t", default, new byte[1000]);
        await producer.PostAsync(record);
        _embedded.StopBroker(1);
        var delivered = 0;
        var taken = 0;
        while (producer.TryPost(record, report => Interlocked.Add(ref delivered, report.IsDelivered ? 1 : 0)))
            Assert.InRange(++taken, 1, 16);
        _embedded.StartBroker(1);
        await producer.PostAsync(record).AsTask().WaitAsync(Patience);
        await producer.FlushAsync();

        Assert.Equal(taken, delivered);
        Assert.Equal(taken + 2, _embedded.ReadLog("t", 0).Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    public async Task Many_records_arrive_once_in_order_and_each_is_told_of(int count)
    {
        await using var producer = _kafka.CreateProducer<Nothing, int>(new ProducerOptions { BufferMemory = 32 * 1024, BatchSize = 4096 });
        var records = Enumerable.Range(0, count).Select(i => new ProducerRecord<Nothing, int>("t", default, i)).ToArray();
        var offsets = new List<long>();

        await producer.PostAsync(records, report => offsets.Add(report.Metadata.Offset)).AsTask().WaitAsync(Patience);
        await producer.FlushAsync();

        Assert.Equal(Enumerable.Range(0, count), Values());
        Assert.Equal(Enumerable.Range(0, count).Select(offset => (long)offset), offsets);
    }

    [Fact]
    public async Task Record_that_is_too_large_ends_the_many_behind_those_that_were_taken()
    {
        await using var producer = _kafka.CreateProducer<Nothing, byte[]>(new ProducerOptions { MaxRequestSize = 2048, BatchSize = 1024 });
        await producer.PostAsync(new ProducerRecord<Nothing, byte[]>("t", default, [0]));
        ProducerRecord<Nothing, byte[]>[] records = [new("t", default, [1]), new("t", default, new byte[4096]), new("t", default, [2])];

        var error = await Assert.ThrowsAsync<ProduceException>(() => producer.PostAsync(records).AsTask());
        await producer.FlushAsync();

        Assert.Equal(ErrorCode.MessageTooLarge, error.Code);
        Assert.Equal([0, 1], _embedded.ReadLog("t", 0).Select(record => record.Value!.Value.Span[0]));
    }

    [Fact]
    public async Task Closed_producer_takes_nothing()
    {
        var producer = _kafka.CreateProducer<Nothing, int>();
        await producer.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => producer.TryPost(new ProducerRecord<Nothing, int>("t", default, 1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => producer.PostAsync(new ProducerRecord<Nothing, int>[1] { new("t", default, 1) }).AsTask());
    }

    IEnumerable<int> Values() =>
        _embedded.ReadLog("t", 0).Select(record => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(record.Value!.Value.Span));
}
