using NetKafka.Producing;
using NetKafka.Protocol.Compression;

namespace NetKafka.Tests.Producing;

public sealed class ProducerOptionsTests
{
    static readonly KafkaClientOptions Client = new() { BootstrapServers = "localhost" };

    [Fact]
    public void Defaults_are_those_of_Java()
    {
        var options = new ProducerOptions().Validated(Client);
        Assert.True(options.IsIdempotent);
        Assert.Equal((Acks.All, 5, 16384, 33554432L, 1048576),
            (options.Acks, options.MaxInFlight, options.BatchSize, options.BufferMemory, options.MaxRequestSize));
        Assert.Equal((5d, 60d, 120d, 30d),
            (options.Linger.TotalMilliseconds, options.MaxBlock.TotalSeconds, options.DeliveryTimeout.TotalSeconds, options.RequestTimeout!.Value.TotalSeconds));
    }

    [Fact]
    public void Every_mistake_is_listed_at_once()
    {
        var error = Assert.Throws<KafkaOptionsException>(() => new ProducerOptions
        {
            Acks = Acks.None,
            EnableIdempotence = true,
            MaxInFlight = 9,
            BatchSize = -1,
            BufferMemory = 10,
            MaxRequestSize = 1,
            Compression = CompressionCodec.Gzip,
            CompressionLevel = 99,
            Linger = TimeSpan.FromSeconds(-1),
            BufferTime = TimeSpan.Zero,
            DeliveryTimeout = TimeSpan.FromSeconds(1),
        }.Validated(Client));
        foreach (var name in new[] { "EnableIdempotence needs Acks.All", "MaxInFlight", "BatchSize", "BufferMemory", "MaxRequestSize", "CompressionLevel", "Linger", "BufferTime" })
            Assert.Contains(error.Mistakes, mistake => mistake.Contains(name));
    }

    [Fact]
    public void Delivery_timeout_covers_linger_and_one_request()
    {
        var error = Assert.Throws<KafkaOptionsException>(() => new ProducerOptions { DeliveryTimeout = TimeSpan.FromSeconds(30) }.Validated(Client));
        Assert.Contains("DeliveryTimeout", Assert.Single(error.Mistakes));
        new ProducerOptions { DeliveryTimeout = TimeSpan.FromSeconds(30), RequestTimeout = TimeSpan.FromSeconds(10) }.Validated(Client);
    }

    [Theory]
    [InlineData(Acks.None, 5, false)]
    [InlineData(Acks.Leader, 5, false)]
    [InlineData(Acks.All, 6, false)]
    [InlineData(Acks.All, 1, true)]
    public void Idempotence_left_open_is_on_where_the_other_options_allow_it(Acks acks, int inFlight, bool isIdempotent) =>
        Assert.Equal(isIdempotent, new ProducerOptions { Acks = acks, MaxInFlight = inFlight }.Validated(Client).IsIdempotent);

    [Fact]
    public void Options_are_frozen_by_validation()
    {
        var options = new ProducerOptions();
        var valid = options.Validated(Client);
        options.BatchSize = 7;
        Assert.Equal(16384, valid.BatchSize);
    }

    public static TheoryData<string, ProducerOptions> Mistakes => new()
    {
        { "TransactionalId needs Acks.All", new() { TransactionalId = "t", Acks = Acks.Leader } },
        { "TransactionalId allows a MaxInFlight", new() { TransactionalId = "t", MaxInFlight = 6 } },
        { "EnableIdempotence is false", new() { TransactionalId = "t", EnableIdempotence = false } },
        { "TransactionalId is empty", new() { TransactionalId = "" } },
        { "TransactionTimeout", new() { TransactionTimeout = TimeSpan.Zero } },
        { "TransactionTimeout", new() { TransactionTimeout = TimeSpan.FromMilliseconds(1L + int.MaxValue) } },
        { "MetadataMaxIdle", new() { MetadataMaxIdle = TimeSpan.Zero } },
        { "ClientRack", new() { RackAwarePartitioning = true } },
        { "AdaptivePartitioning is off", new() { AdaptivePartitioning = false, PartitionAvailabilityTimeout = TimeSpan.FromSeconds(1) } },
        { "PartitionSelector chooses", new() { PartitionSelector = static (in PartitionQuery _) => 0, Partitioner = Partitioner.Crc32 } },
        { "HashMissingKeys is set", new() { HashMissingKeys = true, IgnoreKeys = true } },
        { "Topics[\"bad name\"]: that is no name", With("bad name", new()) },
        { "Topics[\"x\"] is null", With("x", null!) },
        { "Topics[\"x\"]: DeliveryTimeout", With("x", new() { Linger = TimeSpan.FromMinutes(3) }) },
        { "Topics[\"x\"]: BatchSize", With("x", new() { BatchSize = 2 * 1024 * 1024 }) },
        { "Topics[\"x\"]: CompressionLevel", With("x", new() { Compression = CompressionCodec.Gzip, CompressionLevel = 99 }) },
    };

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public void Mistake_is_named(string words, ProducerOptions options) =>
        Assert.Contains(words, Assert.Single(Assert.Throws<KafkaOptionsException>(() => options.Validated(Client)).Mistakes));

    [Fact]
    public void Settings_of_a_topic_stand_in_for_those_of_the_producer()
    {
        var options = new ProducerOptions { Compression = CompressionCodec.Gzip, CompressionLevel = 3, PartitionSelector = static (in PartitionQuery _) => 0 };
        options.Topics["zstd"] = new ProducerTopicOptions { Compression = CompressionCodec.Zstd };
        options.Topics["keys"] = new ProducerTopicOptions { Partitioner = Partitioner.Crc32 };
        var valid = options.Validated(Client);
        Assert.Equal((CompressionCodec.Zstd, 3), (valid.For("zstd").Compression, valid.For("zstd").CompressionLevel));
        Assert.NotNull(valid.For("zstd").PartitionSelector);
        Assert.Equal((Partitioner.Crc32, null), (valid.For("keys").Partitioner, valid.For("keys").PartitionSelector));
        Assert.Equal((CompressionCodec.Gzip, 3), (valid.For("keys").Compression, valid.For("keys").CompressionLevel));
        Assert.Same(valid, valid.For("other"));
        Assert.True(valid.UsesZstd);
    }

    static ProducerOptions With(string topic, ProducerTopicOptions own)
    {
        var options = new ProducerOptions();
        options.Topics[topic] = own;
        return options;
    }
}
