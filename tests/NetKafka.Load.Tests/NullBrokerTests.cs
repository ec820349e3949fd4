using NetKafka.Load.Broker;
using NetKafka.Load.Measuring;
using NetKafka.Load.Peers;
using NetKafka.Load.Rows;
using NetKafka.Protocol.Compression;
using NetKafka.Protocol.Records;

namespace NetKafka.Load.Tests;

public sealed class NullBrokerTests : IDisposable
{
    readonly NullBroker _broker = new(new BrokerOptions { IsChecking = true });

    string Bootstrap => $"127.0.0.1:{_broker.Port}";

    public void Dispose() => _broker.Dispose();

    [Theory]
    [InlineData(CompressionCodec.None)]
    [InlineData(CompressionCodec.Lz4)]
    public async Task Everything_that_was_taken_is_counted_and_checked(CompressionCodec codec)
    {
        var report = await LoadRun.RunAsync(new NetKafkaPeer(), Settings(LoadKind.Fire) with { Codec = codec });

        Assert.Null(report.Error);
        Assert.True(report.Delivered >= 4 * 1000);
        Assert.Equal((report.Accepted, report.Accepted, 0), (report.Delivered, report.Counted, report.Faults));
    }

    [Theory]
    [InlineData(ReadStyle.Fastest)]
    [InlineData(ReadStyle.Text)]
    [InlineData(ReadStyle.Parallel)]
    public async Task What_is_read_is_what_was_encoded(ReadStyle style)
    {
        var report = await LoadRun.RunAsync(new NetKafkaPeer(), Settings(LoadKind.Consume) with { Style = style });

        Assert.Null(report.Error);
        Assert.True(report.Delivered <= report.Counted);
    }

    [Fact]
    public void Gap_between_sequences_is_a_fault()
    {
        var counts = new BrokerCounts();
        using var check = new BatchCheck(counts);
        var topic = new TopicLog("t", new TopicShape(10, 1, CompressionCodec.None));

        check.Check(topic, 0, Batch(sequence: 0));
        Assert.Equal(0, counts.Totals.Faults);
        check.Check(topic, 0, Batch(sequence: 2));

        Assert.Equal(1, counts.Totals.Faults);
    }

    [Fact]
    public void Damaged_batch_is_a_fault()
    {
        var counts = new BrokerCounts();
        using var check = new BatchCheck(counts);
        var batch = Batch(sequence: 0);
        batch[^2] ^= 1;

        check.Check(new TopicLog("t", new TopicShape(10, 1, CompressionCodec.None)), 0, batch);

        Assert.True(counts.Totals.Faults > 0);
    }

    [Fact]
    public void Name_of_a_topic_says_what_is_in_it()
    {
        var shape = new TopicShape(1024, 12, CompressionCodec.Zstd);

        Assert.Equal(shape, TopicShape.Parse(TopicShape.NameOf(1024, 12, CompressionCodec.Zstd), new BrokerOptions()));
    }

    LoadSettings Settings(LoadKind kind) => new() { Bootstrap = Bootstrap, Kind = kind, Messages = 1000 };

    /// <summary>One record of producer 7.</summary>
    static byte[] Batch(int sequence)
    {
        var writer = new RecordBatchWriter();
        var buffer = new byte[1024];
        writer.Begin(buffer, 0, buffer.Length);
        writer.TryAppend(0, default, true, new byte[10], false);
        var batch = writer.Seal().AsSpan().ToArray();
        RecordBatchPatch.SetProducer(batch, 7, 0, sequence);
        return batch;
    }
}
