using System.Net;
using System.Text;
using NetKafka.Protocol.Messages;
using NetKafka.Testing.Tests.Driver;

namespace NetKafka.Testing.Tests.Shells;

public sealed class InMemoryTests
{
    [Fact]
    public async Task Answer_to_a_write_can_be_read_without_waiting()
    {
        await using var kafka = EmbeddedKafka.Start();
        await using var client = await WireClient.ConnectAsync(kafka);

        var reading = client.AskAsync(new MetadataRequest { Topics = null }, 12);

        Assert.True(reading.IsCompletedSuccessfully);
        Assert.Equal("embedded-kafka-1", Assert.Single((await reading).Brokers).Host);
    }

    [Fact]
    public async Task Log_shows_what_was_produced()
    {
        await using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic("payments");
        await using var client = await WireClient.ConnectAsync(kafka);

        await client.AskAsync(Requests.ProduceOf("payments", Batches.Create(["Paid $200 to Bob"], 5_000, key: "Alice")), 12);

        var record = Assert.Single(kafka.ReadLog("payments", 0));
        Assert.Equal("Alice", Encoding.UTF8.GetString(record.Key!.Value.Span));
        Assert.Equal("Paid $200 to Bob", Encoding.UTF8.GetString(record.Value!.Value.Span));
        Assert.Equal((0, 5_000), (record.Offset, record.Timestamp.ToUnixTimeMilliseconds()));
        Assert.Empty(record.Headers);
    }

    [Fact]
    public async Task Waiting_read_is_cancelled_and_the_next_one_gets_the_answer()
    {
        await using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic("payments");
        await using var reader = await WireClient.ConnectAsync(kafka);
        await using var writer = await WireClient.ConnectAsync(kafka);
        await reader.SendAsync(Requests.FetchOf("payments", 0, maxWaitMs: 600_000), 12);
        using var cancellation = new CancellationTokenSource();
        var waiting = reader.Stream.ReadAsync(new byte[1], cancellation.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        await writer.AskAsync(Requests.ProduceOf("payments", Batches.Create(["a"], 5_000)), 12);

        Assert.Equal(1, (await reader.TakeAsync(new FetchRequest(), 12)).Responses[0].Partitions[0].HighWatermark);
    }

    [Fact]
    public async Task Stopped_broker_ends_its_streams_and_refuses_new_ones()
    {
        await using var kafka = EmbeddedKafka.Start();
        await using var client = await WireClient.ConnectAsync(kafka);
        kafka.StopBroker(1);

        Assert.Equal(0, await client.Stream.ReadAsync(new byte[1]));
        await Assert.ThrowsAsync<IOException>(() => client.SendAsync(new MetadataRequest { Topics = null }, 12).AsTask());
        var refused = await Assert.ThrowsAsync<IOException>(() => WireClient.ConnectAsync(kafka));
        Assert.Contains("stopped", refused.Message, StringComparison.Ordinal);
        kafka.StartBroker(1);
        await (await WireClient.ConnectAsync(kafka)).DisposeAsync();
    }

    [Fact]
    public async Task Address_of_no_broker_is_refused_and_the_brokers_are_named()
    {
        await using var kafka = EmbeddedKafka.Start();

        var refused = await Assert.ThrowsAsync<IOException>(
            () => kafka.ConnectAsync(new DnsEndPoint("localhost", 9092), default).AsTask());

        Assert.Contains(kafka.BootstrapServers, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposed_cluster_ends_waiting_reads()
    {
        var kafka = EmbeddedKafka.Start();
        var client = await WireClient.ConnectAsync(kafka);
        var waiting = client.Stream.ReadAsync(new byte[1]).AsTask();
        kafka.Dispose();

        Assert.Equal(0, await waiting);
        Assert.Throws<ObjectDisposedException>(() => kafka.CreateTopic("payments"));
    }

    [Fact]
    public async Task Disposed_stream_is_not_used_again()
    {
        await using var kafka = EmbeddedKafka.Start();
        var client = await WireClient.ConnectAsync(kafka);
        await client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.Stream.ReadAsync(new byte[1]).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.Stream.WriteAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task Writer_that_nobody_reads_for_waits_and_goes_on_once_the_answers_are_read()
    {
        await using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic("payments");
        await using var client = await WireClient.ConnectAsync(kafka);
        await client.AskAsync(Requests.ProduceOf("payments", Batches.Create([new string('x', 900_000)], 5_000)), 12);
        await client.SendAsync(Requests.FetchOf("payments", 0), 12);
        await client.SendAsync(Requests.FetchOf("payments", 0), 12);
        var large = new MetadataRequest { Topics = [.. Enumerable.Range(0, 1_000).Select(_ => new MetadataRequest.MetadataRequestTopic { Name = "payments" })] };
        var sent = 0;
        ValueTask writing;
        do
        {
            writing = client.SendAsync(large, 4);
            sent++;
        }
        while (writing.IsCompleted && sent < 1_000);

        Assert.False(writing.IsCompleted);
        await client.TakeAsync(new FetchRequest(), 12);
        await client.TakeAsync(new FetchRequest(), 12);
        await writing;
        for (var i = 0; i < sent; i++)
            await client.TakeAsync(large, 4);
    }

    [Fact]
    public void Mistakes_in_the_options_are_all_named()
    {
        var error = Assert.Throws<ArgumentException>(() => EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 0, DefaultPartitions = 0 }));

        Assert.Contains("Brokers is 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("DefaultPartitions is 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Heartbeats_must_be_more_frequent_than_the_session_is_long()
    {
        var options = new EmbeddedKafkaOptions
        {
            GroupVersion = 2, ConsumerSessionTimeout = TimeSpan.FromSeconds(1), ConsumerHeartbeatInterval = TimeSpan.FromSeconds(1),
        };

        var error = Assert.Throws<ArgumentException>(() => EmbeddedKafka.Start(options));

        Assert.Contains("GroupVersion is 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("ConsumerHeartbeatInterval is 00:00:01", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_of_share_groups_are_checked_too()
    {
        var options = new EmbeddedKafkaOptions
        {
            ShareVersion = 2, ShareSessionTimeout = TimeSpan.FromSeconds(1), ShareHeartbeatInterval = TimeSpan.FromSeconds(1), ShareRecordLockDuration = TimeSpan.Zero,
        };

        var error = Assert.Throws<ArgumentException>(() => EmbeddedKafka.Start(options));

        Assert.Contains("ShareVersion is 2", error.Message, StringComparison.Ordinal);
        Assert.Contains("ShareHeartbeatInterval is 00:00:01", error.Message, StringComparison.Ordinal);
        Assert.Contains("ShareRecordLockDuration is 00:00:00", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Group_is_set_to_what_brokers_would_not_take_and_back()
    {
        await using var kafka = EmbeddedKafka.Start();
        await using var client = await WireClient.ConnectAsync(kafka);
        kafka.SetGroupConfig("group", "share.record.lock.duration.ms", "5");
        Assert.Equal("5", await Value());

        kafka.SetGroupConfig("group", "share.record.lock.duration.ms", null);

        Assert.Equal("30000", await Value());
        Assert.Throws<ArgumentException>(() => kafka.SetGroupConfig("group", "retention.ms", "5"));
        Assert.Throws<ArgumentException>(() => kafka.SetGroupConfig("group", "share.isolation.level", "5"));

        async Task<string?> Value() => (await client.AskAsync(new DescribeConfigsRequest
        {
            Resources = [new() { ResourceType = 32, ResourceName = "group", ConfigurationKeys = ["share.record.lock.duration.ms"] }],
        }, 4)).Results.Single().Configs.Single().Value;
    }

    [Fact]
    public void Refused_operations_say_why()
    {
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic("payments");

        Assert.Contains("exists", Assert.Throws<InvalidOperationException>(() => kafka.CreateTopic("payments")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => kafka.ReadLog("nothing", 0));
        Assert.Throws<InvalidOperationException>(() => kafka.MoveLeader("payments", 0, 2));
        Assert.Throws<InvalidOperationException>(() => kafka.DeleteTopic("nothing"));
        Assert.Throws<ArgumentOutOfRangeException>(() => kafka.StopBroker(2));
    }
}
