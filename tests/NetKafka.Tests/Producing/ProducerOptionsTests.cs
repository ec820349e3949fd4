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
}
