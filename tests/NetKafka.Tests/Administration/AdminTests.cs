using NetKafka.Administration;
using NetKafka.Protocol;
using NetKafka.Testing;

namespace NetKafka.Tests.Administration;

/// <summary>The admin against the embedded Kafka, over in-memory streams.</summary>
public sealed class AdminTests : IAsyncDisposable
{
    readonly EmbeddedKafka _embedded = EmbeddedKafka.Start(new EmbeddedKafkaOptions { Brokers = 3, AutoCreateTopics = true });
    readonly KafkaClient _kafka;
    readonly Admin _admin;

    public AdminTests()
    {
        _kafka = new KafkaClient(new KafkaClientOptions { BootstrapServers = _embedded.BootstrapServers, ConnectCallback = _embedded.ConnectAsync });
        _admin = _kafka.CreateAdmin();
    }

    public async ValueTask DisposeAsync()
    {
        await _kafka.DisposeAsync();
        await _embedded.DisposeAsync();
    }

    [Fact]
    public async Task Created_topic_is_listed_and_described_until_it_is_deleted()
    {
        var created = await _admin.CreateTopicAsync("payments", partitions: 6, replicationFactor: 3);
        Assert.Equal(6, created.Partitions);
        Assert.Equal(["payments"], (await _admin.ListTopicsAsync()).Select(topic => topic.Name));

        var described = Assert.Single(await _admin.DescribeTopicsAsync(["payments"])).GetOrThrow();
        Assert.Equal(created.Id, described.Id);
        Assert.Equal([0, 1, 2, 3, 4, 5], described.Partitions.Select(partition => partition.Partition));
        Assert.All(described.Partitions, partition => Assert.Equal(3, partition.Replicas.Count));
        Assert.All(described.Partitions, partition => Assert.NotNull(partition.Leader));

        Assert.True(Assert.Single(await _admin.DeleteTopicsAsync(["payments"])).Succeeded);
        Assert.Empty(await _admin.ListTopicsAsync());
    }

    [Fact]
    public async Task Topic_that_exists_is_an_error_of_its_own_result()
    {
        await _admin.CreateTopicAsync("a");
        var results = await _admin.CreateTopicsAsync([new NewTopic("a"), new NewTopic("b", 2)]);

        Assert.Equal(ErrorCode.TopicAlreadyExists, results[0].Error!.Code);
        Assert.True(results[1].Succeeded);
        var error = await Assert.ThrowsAsync<KafkaException>(async () => await _admin.CreateTopicAsync("a"));
        Assert.Equal(ErrorCode.TopicAlreadyExists, error.Code);
    }

    [Fact]
    public async Task Describing_a_topic_that_does_not_exist_creates_none()
    {
        var described = Assert.Single(await _admin.DescribeTopicsAsync(["nowhere"]));

        Assert.Equal(ErrorCode.UnknownTopicOrPartition, described.Error!.Code);
        Assert.Empty(await _admin.ListTopicsAsync());
    }

    [Fact]
    public async Task Validated_topic_is_not_created()
    {
        Assert.True((await _admin.CreateTopicsAsync([new NewTopic("a", 1)], validateOnly: true))[0].Succeeded);
        Assert.Empty(await _admin.ListTopicsAsync());
    }

    [Fact]
    public async Task Empty_lists_succeed_without_a_cluster()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        var admin = nowhere.CreateAdmin();

        Assert.Empty(await admin.CreateTopicsAsync([]));
        Assert.Empty(await admin.DeleteTopicsAsync([]));
        Assert.Empty(await admin.DescribeTopicsAsync([]));
    }

    [Fact]
    public async Task Cluster_is_described_with_all_its_brokers()
    {
        var cluster = await _admin.DescribeClusterAsync();

        Assert.Equal([1, 2, 3], cluster.Brokers.Select(broker => broker.Id));
        Assert.NotNull(cluster.Controller);
        Assert.Equal(_embedded.BootstrapServers, string.Join(',', cluster.Brokers.Select(broker => $"{broker.Host}:{broker.Port}")));
    }

    [Fact]
    public async Task Stopped_bootstrap_broker_does_not_stop_the_admin()
    {
        _embedded.StopBroker(1);

        Assert.Equal([2, 3], (await _admin.DescribeClusterAsync()).Brokers.Select(broker => broker.Id));
    }

    [Fact]
    public async Task Call_without_a_cluster_ends_by_its_deadline_and_names_the_address()
    {
        await using var nowhere = new KafkaClient("localhost:1");
        var admin = nowhere.CreateAdmin(new AdminOptions { CallTimeout = TimeSpan.FromMilliseconds(300) });

        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(async () => await admin.DescribeClusterAsync());
        Assert.Contains("localhost:1", error.Message);
    }

    [Fact]
    public async Task Cancelled_call_ends_as_cancelled_and_the_admin_goes_on()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _admin.DescribeClusterAsync(cancelled.Token));

        Assert.NotEmpty((await _admin.DescribeClusterAsync()).Brokers);
    }

    [Fact]
    public async Task Disposed_admin_says_so_and_its_client_goes_on()
    {
        await _admin.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _admin.DescribeClusterAsync());

        Assert.NotEmpty((await _kafka.CreateAdmin().DescribeClusterAsync()).Brokers);
    }

    [Fact]
    public async Task Disposed_client_says_so()
    {
        await _kafka.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _admin.DescribeClusterAsync());
        Assert.Throws<ObjectDisposedException>(() => _kafka.CreateAdmin());
    }
}
